// RUN: attn-opt %s --split-input-file --verify-diagnostics

// (P12) only a plan for a GPU that is ascending, without turns, clusters and splits, has ends of warpgroups' own.
// expected-error @+1 {{expects a plan for a GPU with ascending = true, ping_pong = false, cluster = 1 and split = 1 where own_ends = true, got target = "sm_90a", ascending = false, ping_pong = false, cluster = 1 and split = 1}}
#plan = #tile.plan<target = "sm_90a", query_tile = 128, kv_tile = 64, warpgroups = 2, stages = 2, overlap = true, ping_pong = false, own_ends = true>

// -----

// expected-error @+1 {{got target = "sm_90a", ascending = true, ping_pong = true, cluster = 1 and split = 1}}
#plan = #tile.plan<target = "sm_90a", query_tile = 128, kv_tile = 64, warpgroups = 2, stages = 2, overlap = true, ping_pong = true, ascending = true, own_ends = true>

// -----

// expected-error @+1 {{got target = "sm_90a", ascending = true, ping_pong = false, cluster = 2 and split = 1}}
#plan = #tile.plan<target = "sm_90a", query_tile = 128, kv_tile = 64, warpgroups = 2, stages = 2, overlap = true, ping_pong = false, persistent = true, cluster = 2, ascending = true, own_ends = true>

// -----

// expected-error @+1 {{got target = "sm_90a", ascending = true, ping_pong = false, cluster = 1 and split = 4}}
#plan = #tile.plan<target = "sm_90a", query_tile = 128, kv_tile = 64, warpgroups = 2, stages = 2, overlap = true, ping_pong = false, split = 4, ascending = true, own_ends = true>

// -----

// expected-error @+1 {{got target = "cpu", ascending = true, ping_pong = false, cluster = 1 and split = 1}}
#plan = #tile.plan<target = "cpu", query_tile = 64, kv_tile = 64, warpgroups = 0, stages = 0, overlap = false, ping_pong = false, ascending = true, own_ends = true>
