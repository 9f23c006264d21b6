// RUN: attn-opt %s --split-input-file --verify-diagnostics

// (P13) only a plan for a GPU with a `rescale_threshold` of at least 1 and a `split` of 1 has a column of sums.
// expected-error @+1 {{expects a plan for a GPU with rescale_threshold of at least 1 and split = 1 where sum_column = true, got target = "sm_90a", rescale_threshold = 0 and split = 1}}
#plan = #tile.plan<target = "sm_90a", query_tile = 64, kv_tile = 64, warpgroups = 1, stages = 2, overlap = true, ping_pong = false, sum_column = true>

// -----

// expected-error @+1 {{got target = "sm_90a", rescale_threshold = 8 and split = 2}}
#plan = #tile.plan<target = "sm_90a", query_tile = 64, kv_tile = 64, warpgroups = 1, stages = 2, overlap = true, ping_pong = false, rescale_threshold = 8, split = 2, sum_column = true>

// -----

// expected-error @+1 {{got target = "cpu"}}
#plan = #tile.plan<target = "cpu", query_tile = 64, kv_tile = 64, warpgroups = 0, stages = 0, overlap = false, ping_pong = false, sum_column = true>
