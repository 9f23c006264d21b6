// RUN: not attn-opt %s --pass-pipeline='builtin.module(func.func(tile-overlap-programs))' 2>&1 | FileCheck %s

// CHECK: error: 'func.func' op expects a loop over programs in each role; run tile-loop-programs first
func.func @kernel() attributes {tile.plan = #tile.plan<target = "sm_90a", query_tile = 128, kv_tile = 64, warpgroups = 2, stages = 2, overlap = true, ping_pong = false, persistent = true, overlap_programs = true>} {
  return
}
