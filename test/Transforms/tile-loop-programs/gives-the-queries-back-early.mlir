// RUN: attn-opt %s --pass-pipeline='builtin.module(attn-cuda{stop-after=overlapped})' | FileCheck %s

// The query slot is free behind the last product of scores, ahead of the last product with values: the next queries come
// under that one, the division and the stores. A program without keys gives it back too.
// CHECK-LABEL: func.func @attention
// CHECK: consumers(2)
// CHECK: tile.wait_full %[[QUERIES:.*]][%[[COUNT:.*]]] : <2, 128x64xf16>
// CHECK: scf.if
// CHECK: scf.for
// CHECK-NOT: tile.release %[[QUERIES]]
// CHECK: scf.yield %{{[^,]+}}, %{{[^,]+}}, %{{[^,]+}}, %{{[^,]+}} :
// CHECK-NEXT: }
// CHECK-NEXT: tile.release %[[QUERIES]][%[[COUNT]]]
// CHECK: tile.issue_mma
// CHECK: } else {
// CHECK-NEXT: tile.release %[[QUERIES]][%[[COUNT]]]
func.func @attention(%q: tensor<?x8x?x64xf16>, %k: tensor<?x2x?x64xf16>, %v: tensor<?x2x?x64xf16>) -> tensor<?x8x?x64xf16>
    attributes {tile.plan = #tile.plan<target = "sm_90a", query_tile = 128, kv_tile = 64, warpgroups = 2, stages = 2, overlap = true, ping_pong = false, persistent = true>} {
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 2>)
      : (tensor<?x8x?x64xf16>, tensor<?x2x?x64xf16>, tensor<?x2x?x64xf16>) -> tensor<?x8x?x64xf16>
  return %out : tensor<?x8x?x64xf16>
}
