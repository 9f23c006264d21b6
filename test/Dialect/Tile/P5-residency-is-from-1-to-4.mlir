// RUN: attn-opt %s --split-input-file --verify-diagnostics

// (P5) `residency` is from 1 to 4, and 1 on the CPU.
// expected-error @+1 {{expects residency to be from 1 to 4, got 5}}
#plan = #tile.plan<target = "sm_90a", query_tile = 64, kv_tile = 64, warpgroups = 1, stages = 3, overlap = true, ping_pong = false, residency = 5>

// -----

// expected-error @+1 {{expects residency = 1 in a plan for cpu, got 2}}
#plan = #tile.plan<target = "cpu", query_tile = 64, kv_tile = 128, warpgroups = 0, stages = 0, overlap = false, ping_pong = false, residency = 2>
