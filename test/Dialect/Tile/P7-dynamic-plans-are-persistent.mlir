// RUN: attn-opt %s --split-input-file --verify-diagnostics

// (P7) only a persistent plan without clusters is dynamic.
// expected-error @+1 {{expects persistent = true in a dynamic plan, got false}}
#plan = #tile.plan<target = "sm_90a", query_tile = 128, kv_tile = 96, warpgroups = 2, stages = 2, overlap = true, ping_pong = false, dynamic = true>

// -----

// expected-error @+1 {{expects cluster = 1 in a dynamic plan, got 2}}
#plan = #tile.plan<target = "sm_90a", query_tile = 128, kv_tile = 96, warpgroups = 2, stages = 2, overlap = true, ping_pong = false, persistent = true, cluster = 2, dynamic = true>

// -----

// expected-error @+1 {{expects dynamic = false in a plan for cpu, got true}}
#plan = #tile.plan<target = "cpu", query_tile = 64, kv_tile = 128, warpgroups = 0, stages = 0, overlap = false, ping_pong = false, dynamic = true>
