// RUN: attn-opt %s --split-input-file --verify-diagnostics

// (P14) only a persistent plan with `overlap`, whose warpgroups end together, overlaps programs.
// expected-error @+1 {{expects persistent = true, overlap = true and own_ends = false where overlap_programs = true, got persistent = false, overlap = true and own_ends = false}}
#plan = #tile.plan<target = "sm_90a", query_tile = 64, kv_tile = 64, warpgroups = 1, stages = 2, overlap = true, ping_pong = false, overlap_programs = true>

// -----

// expected-error @+1 {{got persistent = true, overlap = false and own_ends = false}}
#plan = #tile.plan<target = "sm_90a", query_tile = 64, kv_tile = 64, warpgroups = 1, stages = 2, overlap = false, ping_pong = false, persistent = true, overlap_programs = true>

// -----

// expected-error @+1 {{overlap = true and own_ends = true}}
#plan = #tile.plan<target = "sm_90a", query_tile = 64, kv_tile = 64, warpgroups = 1, stages = 2, overlap = true, ping_pong = false, persistent = true, ascending = true, own_ends = true, overlap_programs = true>
