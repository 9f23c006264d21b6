// RUN: attn-opt %s --split-input-file --verify-diagnostics

// (P6) `cluster` is 1, 2 or 4; more than 1 needs a persistent plan, and a `kv_tile` of which each block loads a multiple of 8 rows.
// expected-error @+1 {{expects cluster to be 1, 2 or 4, got 3}}
#plan = #tile.plan<target = "sm_90a", query_tile = 128, kv_tile = 96, warpgroups = 2, stages = 2, overlap = true, ping_pong = false, persistent = true, cluster = 3>

// -----

// expected-error @+1 {{expects persistent = true where cluster = 2, got false}}
#plan = #tile.plan<target = "sm_90a", query_tile = 128, kv_tile = 96, warpgroups = 2, stages = 2, overlap = true, ping_pong = false, cluster = 2>

// -----

// expected-error @+1 {{expects kv_tile to be a multiple of 8 rows for each of 4 blocks, got 80}}
#plan = #tile.plan<target = "sm_90a", query_tile = 128, kv_tile = 80, warpgroups = 2, stages = 2, overlap = true, ping_pong = false, persistent = true, cluster = 4>

// -----

// expected-error @+1 {{expects cluster = 1 in a plan for cpu, got 2}}
#plan = #tile.plan<target = "cpu", query_tile = 64, kv_tile = 128, warpgroups = 0, stages = 0, overlap = false, ping_pong = false, cluster = 2>
