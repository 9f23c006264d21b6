// RUN: attn-opt %s --split-input-file --verify-diagnostics

// (P10) `least_part` is at least 0; more than 0 needs a `split` of more than 1.
// expected-error @+1 {{expects least_part to be at least 0, got -1}}
#plan = #tile.plan<target = "sm_90a", query_tile = 64, kv_tile = 64, warpgroups = 1, stages = 2, overlap = true, ping_pong = false, split = 2, least_part = -1>

// -----

// expected-error @+1 {{expects a split of more than 1 where least_part = 16, got 1}}
#plan = #tile.plan<target = "sm_90a", query_tile = 64, kv_tile = 64, warpgroups = 1, stages = 2, overlap = true, ping_pong = false, least_part = 16>
