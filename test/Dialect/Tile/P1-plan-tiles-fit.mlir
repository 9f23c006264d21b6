// RUN: attn-opt %s -split-input-file -verify-diagnostics

// (P1) tiles are positive; `kv_tile` is a multiple of 16 of at most 256 on a GPU.

// expected-error @+1 {{expects positive tiles, got query_tile = 0 and kv_tile = 128}}
func.func private @f() attributes {a = #tile.plan<target = "cpu", query_tile = 0, kv_tile = 128, warpgroups = 0, stages = 0, overlap = true, ping_pong = false>}

// -----

// expected-error @+1 {{expects positive tiles, got query_tile = 128 and kv_tile = -16}}
func.func private @f() attributes {a = #tile.plan<target = "cpu", query_tile = 128, kv_tile = -16, warpgroups = 0, stages = 0, overlap = true, ping_pong = false>}

// -----

// expected-error @+1 {{expects kv_tile to be a multiple of 16 of at most 256 on a GPU, got 100}}
func.func private @f() attributes {a = #tile.plan<target = "sm_90a", query_tile = 128, kv_tile = 100, warpgroups = 2, stages = 2, overlap = true, ping_pong = false>}

// -----

// expected-error @+1 {{expects kv_tile to be a multiple of 16 of at most 256 on a GPU, got 272}}
func.func private @f() attributes {a = #tile.plan<target = "sm_90a", query_tile = 128, kv_tile = 272, warpgroups = 2, stages = 2, overlap = true, ping_pong = false>}
