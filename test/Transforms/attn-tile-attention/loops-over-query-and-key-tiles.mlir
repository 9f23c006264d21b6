// RUN: attn-opt %s --pass-pipeline='builtin.module(func.func(attn-choose-plan,attn-tile-attention))' | FileCheck %s

// The tensors become memrefs, results become trailing arguments, and the launch facts are recorded.
// CHECK-LABEL: func.func @attention
// CHECK-SAME: %[[Q:[a-z0-9]+]]: memref<?x?x?x64xf16, strided<[?, ?, ?, 1]>>
// CHECK-SAME: %[[K:[a-z0-9]+]]: memref<?x?x?x64xf16, strided<[?, ?, ?, 1]>>
// CHECK-SAME: %[[V:[a-z0-9]+]]: memref<?x?x?x64xf16, strided<[?, ?, ?, 1]>>
// CHECK-SAME: %[[OUT:[a-z0-9]+]]: memref<?x?x?x64xf16, strided<[?, ?, ?, 1]>>
// CHECK-SAME: %[[LSE:[a-z0-9]+]]: memref<?x?x?xf32, strided<[?, ?, ?]>>
// CHECK-SAME: tile.heads_per_group = 4 : i64
// CHECK-SAME: tile.roles = ["query", "key", "value", "output", "lse"]
// CHECK-SAME: tile.shapes = [array<i64: -9223372036854775808, 8, -9223372036854775808, 64>
// CHECK: scf.forall (%[[B:.*]], %[[H:.*]], %[[T:.*]]) in
// CHECK: %[[KVH:.*]] = arith.divui %[[H]]
// CHECK: tile.load %[[Q]][%[[B]], %[[H]],
// CHECK: scf.for
// CHECK: tile.load %[[K]][%[[B]], %[[KVH]],
// CHECK: tile.load %[[V]][%[[B]], %[[KVH]],
// CHECK: tile.mma {{.*}} transpose_b
// CHECK: tile.band_mask
// CHECK-SAME: upper 0
// CHECK: tile.softmax_step
// CHECK: tile.softmax_finish
// CHECK: tile.store {{.*}} %[[OUT]]
// CHECK: tile.store {{.*}} %[[LSE]]
func.func @attention(%q: tensor<?x8x?x64xf16>, %k: tensor<?x2x?x64xf16>, %v: tensor<?x2x?x64xf16>) -> (tensor<?x8x?x64xf16>, tensor<?x8x?xf32>) {
  %out, %lse = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 2>) causality(#attn.causality<bottom_right>)
      : (tensor<?x8x?x64xf16>, tensor<?x2x?x64xf16>, tensor<?x2x?x64xf16>) -> (tensor<?x8x?x64xf16>, tensor<?x8x?xf32>)
  return %out, %lse : tensor<?x8x?x64xf16>, tensor<?x8x?xf32>
}
