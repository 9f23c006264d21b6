// RUN: attn-opt %s --pass-pipeline='builtin.module(func.func(attn-choose-plan,attn-tile-attention))' | FileCheck %s

// The maximum of scaled scores is not the scaled maximum when the scale is negative, so the scores are scaled first.
// CHECK-LABEL: func.func @attention
// CHECK: %[[S:.*]] = tile.mma
// CHECK: %[[X:.*]] = arith.mulf %[[S]]
// CHECK: tile.band_mask %[[X]]
// CHECK: tile.softmax_step {{.*}} scale 1.000000e+00
func.func @attention(%q: tensor<?x8x?x64xf16>, %k: tensor<?x2x?x64xf16>, %v: tensor<?x2x?x64xf16>) -> (tensor<?x8x?x64xf16>, tensor<?x8x?xf32>) {
  %out, %lse = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 2>) scale(-0.5)
      : (tensor<?x8x?x64xf16>, tensor<?x2x?x64xf16>, tensor<?x2x?x64xf16>) -> (tensor<?x8x?x64xf16>, tensor<?x8x?xf32>)
  return %out, %lse : tensor<?x8x?x64xf16>, tensor<?x8x?xf32>
}
