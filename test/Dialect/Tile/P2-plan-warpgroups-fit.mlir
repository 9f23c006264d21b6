// RUN: attn-opt %s -split-input-file -verify-diagnostics

// (P2) on a GPU `query_tile` is 64 times `warpgroups`, and `stages` is from 1 to 8.

// expected-error @+1 {{expects query_tile to be 64 times warpgroups on a GPU, got query_tile = 96 and warpgroups = 2}}
func.func private @f() attributes {a = #tile.plan<target = "sm_90a", query_tile = 96, kv_tile = 128, warpgroups = 2, stages = 2, overlap = true, ping_pong = false>}

// -----

// expected-error @+1 {{expects 1 to 8 stages on a GPU, got 0}}
func.func private @f() attributes {a = #tile.plan<target = "sm_90a", query_tile = 128, kv_tile = 128, warpgroups = 2, stages = 0, overlap = true, ping_pong = false>}

// -----

// expected-error @+1 {{expects 1 to 8 stages on a GPU, got 9}}
func.func private @f() attributes {a = #tile.plan<target = "sm_90a", query_tile = 128, kv_tile = 128, warpgroups = 2, stages = 9, overlap = true, ping_pong = false>}
