// RUN: attn-opt %s --split-input-file --verify-diagnostics

// (P9) `packed_heads` is at least 1; more than 1 needs `cluster` to be 1 and a multiple of 16 queries of each head.
// expected-error @+1 {{expects packed_heads to be at least 1, got 0}}
#plan = #tile.plan<target = "sm_90a", query_tile = 64, kv_tile = 64, warpgroups = 1, stages = 2, overlap = true, ping_pong = false, packed_heads = 0>

// -----

// expected-error @+1 {{expects query_tile to be a multiple of 16 queries of each of 8 heads, got 64}}
#plan = #tile.plan<target = "sm_90a", query_tile = 64, kv_tile = 64, warpgroups = 1, stages = 2, overlap = true, ping_pong = false, packed_heads = 8>

// -----

// expected-error @+1 {{expects query_tile to be a multiple of 16 queries of each of 3 heads, got 64}}
#plan = #tile.plan<target = "cpu", query_tile = 64, kv_tile = 128, warpgroups = 0, stages = 0, overlap = false, ping_pong = false, packed_heads = 3>

// -----

// expected-error @+1 {{expects cluster = 1 where packed_heads = 2, got 2}}
#plan = #tile.plan<target = "sm_90a", query_tile = 64, kv_tile = 64, warpgroups = 1, stages = 2, overlap = true, ping_pong = false, persistent = true, cluster = 2, packed_heads = 2>
