// RUN: attn-opt %s --split-input-file --verify-diagnostics

// (P4) `rescale_threshold` is from 0 to 15, so that no weight overflows f16, and 0 on the CPU.
// expected-error @+1 {{expects rescale_threshold to be from 0 to 15, got 16}}
#plan = #tile.plan<target = "sm_90a", query_tile = 128, kv_tile = 128, warpgroups = 2, stages = 2, overlap = true, ping_pong = false, persistent = true, rescale_threshold = 16>

// -----

// expected-error @+1 {{expects rescale_threshold = 0 in a plan for cpu, got 8}}
#plan = #tile.plan<target = "cpu", query_tile = 64, kv_tile = 128, warpgroups = 0, stages = 0, overlap = false, ping_pong = false, rescale_threshold = 8>
