// RUN: attn-opt %s -split-input-file -verify-diagnostics

// (P3) only a plan for a GPU is persistent.

// expected-error @+1 {{expects persistent = false in a plan for cpu, got true}}
func.func private @f() attributes {a = #tile.plan<target = "cpu", query_tile = 64, kv_tile = 128, warpgroups = 0, stages = 0, overlap = false, ping_pong = false, persistent = true>}
