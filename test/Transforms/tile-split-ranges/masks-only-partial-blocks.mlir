// RUN: attn-opt %s --pass-pipeline='builtin.module(func.func(attn-choose-plan,attn-tile-attention,tile-split-ranges),canonicalize)' | FileCheck %s

// CHECK-LABEL: func.func @attention
// CHECK-SAME: tile.heavy_first
// CHECK: scf.for
// CHECK: %[[S:.*]] = tile.mma
// CHECK: %[[FULL:.*]] = arith.cmpi sle
// CHECK: scf.if %[[FULL]]
// CHECK-NEXT: scf.yield %[[S]]
// CHECK: else
// CHECK: tile.band_mask %[[S]]
func.func @attention(%q: tensor<?x8x?x64xf16>, %k: tensor<?x2x?x64xf16>, %v: tensor<?x2x?x64xf16>) -> (tensor<?x8x?x64xf16>, tensor<?x8x?xf32>) {
  %out, %lse = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 2>) causality(#attn.causality<bottom_right>)
      : (tensor<?x8x?x64xf16>, tensor<?x2x?x64xf16>, tensor<?x2x?x64xf16>) -> (tensor<?x8x?x64xf16>, tensor<?x8x?xf32>)
  return %out, %lse : tensor<?x8x?x64xf16>, tensor<?x8x?xf32>
}
