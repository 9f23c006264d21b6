// RUN: attn-opt %s --pass-pipeline='builtin.module(attn-cuda{stop-after=overlapped})' | FileCheck %s

// CHECK-LABEL: func.func @attention
// CHECK-NOT: gpu.block_id
// CHECK: scf.forall
func.func @attention(%q: tensor<?x8x?x64xf16>, %k: tensor<?x2x?x64xf16>, %v: tensor<?x2x?x64xf16>) -> tensor<?x8x?x64xf16>
    attributes {tile.plan = #tile.plan<target = "sm_90a", query_tile = 128, kv_tile = 64, warpgroups = 2, stages = 2, overlap = true, ping_pong = false>} {
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 2>)
      : (tensor<?x8x?x64xf16>, tensor<?x2x?x64xf16>, tensor<?x2x?x64xf16>) -> tensor<?x8x?x64xf16>
  return %out : tensor<?x8x?x64xf16>
}
