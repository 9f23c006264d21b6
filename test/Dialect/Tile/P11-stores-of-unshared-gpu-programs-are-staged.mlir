// RUN: attn-opt %s --split-input-file --verify-diagnostics

// (P11) only a plan for a GPU with a `split` of 1 stages stores.
// expected-error @+1 {{expects split = 1 where stores are staged, got 2}}
#plan = #tile.plan<target = "sm_90a", query_tile = 64, kv_tile = 64, warpgroups = 1, stages = 2, overlap = true, ping_pong = false, split = 2, staged_stores = true>

// -----

// expected-error @+1 {{expects staged_stores = false in a plan for cpu, got true}}
#plan = #tile.plan<target = "cpu", query_tile = 64, kv_tile = 64, warpgroups = 0, stages = 0, overlap = false, ping_pong = false, staged_stores = true>
