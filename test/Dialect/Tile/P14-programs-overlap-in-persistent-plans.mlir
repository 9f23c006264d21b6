// RUN: attn-opt %s --split-input-file --verify-diagnostics

// (P14) only a persistent plan with `overlap`, whose programs are those of single blocks and whose warpgroups end together, overlaps programs.
// expected-error @+1 {{expects persistent = true, overlap = true, own_ends = false and cluster = 1 where overlap_programs = true, got persistent = false, overlap = true, own_ends = false and cluster = 1}}
#plan = #tile.plan<target = "sm_90a", query_tile = 64, kv_tile = 64, warpgroups = 1, stages = 2, overlap = true, ping_pong = false, overlap_programs = true>

// -----

// expected-error @+1 {{got persistent = true, overlap = false}}
#plan = #tile.plan<target = "sm_90a", query_tile = 64, kv_tile = 64, warpgroups = 1, stages = 2, overlap = false, ping_pong = false, persistent = true, overlap_programs = true>

// -----

// expected-error @+1 {{own_ends = true and cluster = 1}}
#plan = #tile.plan<target = "sm_90a", query_tile = 64, kv_tile = 64, warpgroups = 1, stages = 2, overlap = true, ping_pong = false, persistent = true, ascending = true, own_ends = true, overlap_programs = true>

// -----

// expected-error @+1 {{own_ends = false and cluster = 2}}
#plan = #tile.plan<target = "sm_90a", query_tile = 64, kv_tile = 64, warpgroups = 1, stages = 2, overlap = true, ping_pong = false, persistent = true, cluster = 2, overlap_programs = true>
