// RUN: attn-opt %s --pass-pipeline='builtin.module(func.func(attn-choose-plan{target=sm_90a},attn-tile-attention,tile-split-ranges,tile-expand-softmax,tile-assign-layouts,tile-specialize-roles,tile-overlap-loop))' | FileCheck %s

// CHECK-LABEL: func.func @attention
// CHECK: scf.for
// CHECK: %[[S:.*]] = tile.issue_mma {{.*}} transpose_b
// CHECK-NEXT: tile.await %[[S]]
// CHECK: %[[O:.*]] = tile.issue_mma
// CHECK-NEXT: tile.await %[[O]]
// CHECK-NOT: tile.mma
func.func @attention(%q: tensor<?x8x?x64xf16>, %k: tensor<?x2x?x64xf16>, %v: tensor<?x2x?x64xf16>) -> tensor<?x8x?x64xf16>
    attributes {tile.plan = #tile.plan<target = "sm_90a", query_tile = 128, kv_tile = 64, warpgroups = 2, stages = 2, overlap = false, ping_pong = false>} {
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 2>)
      : (tensor<?x8x?x64xf16>, tensor<?x2x?x64xf16>, tensor<?x2x?x64xf16>) -> tensor<?x8x?x64xf16>
  return %out : tensor<?x8x?x64xf16>
}
