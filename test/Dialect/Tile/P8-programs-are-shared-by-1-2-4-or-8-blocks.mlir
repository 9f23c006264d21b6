// RUN: attn-opt %s --split-input-file --verify-diagnostics

// (P8) `split` is 1, 2, 4 or 8; more than 1 needs a plan for a GPU that is not persistent.
// expected-error @+1 {{expects split to be 1, 2, 4 or 8, got 3}}
#plan = #tile.plan<target = "sm_90a", query_tile = 64, kv_tile = 64, warpgroups = 1, stages = 2, overlap = true, ping_pong = false, split = 3>

// -----

// expected-error @+1 {{expects split to be 1, 2, 4 or 8, got 16}}
#plan = #tile.plan<target = "sm_90a", query_tile = 64, kv_tile = 64, warpgroups = 1, stages = 2, overlap = true, ping_pong = false, split = 16>

// -----

// expected-error @+1 {{expects persistent = false where split = 2, got true}}
#plan = #tile.plan<target = "sm_90a", query_tile = 64, kv_tile = 64, warpgroups = 1, stages = 2, overlap = true, ping_pong = false, persistent = true, split = 2>

// -----

// expected-error @+1 {{expects split = 1 in a plan for cpu, got 2}}
#plan = #tile.plan<target = "cpu", query_tile = 64, kv_tile = 128, warpgroups = 0, stages = 0, overlap = false, ping_pong = false, split = 2>
