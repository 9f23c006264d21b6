// RUN: not attn-opt %s --pass-pipeline='builtin.module(func.func(tile-loop-programs))' 2>&1 | FileCheck %s

// CHECK: error: 'func.func' op expects roles in an scf.forall over batch, head and query tile; run tile-specialize-roles first
func.func @kernel() attributes {tile.plan = #tile.plan<target = "sm_90a", query_tile = 128, kv_tile = 64, warpgroups = 2, stages = 2, overlap = true, ping_pong = false, persistent = true>} {
  return
}
