// RUN: attn-opt %s --attn-cpu=stop-after=tiled | FileCheck %s

// CHECK-LABEL: func.func @attention
// CHECK-SAME: %[[SEED:[a-z0-9]+]]: memref<?xi32
// CHECK: scf.forall (%[[B:.*]], %[[H:.*]], %[[T:.*]]) in
// CHECK: %[[Q:.*]] = arith.muli %[[T]], %c64
// CHECK: scf.for
// CHECK: %[[K:.*]] = arith.muli
// CHECK: %[[KEEP:.*]] = tile.keep[%[[B]], %[[H]], %[[Q]], %[[K]]] threshold 1073741824 seed_from %[[SEED]]
// CHECK: tile.softmax_step {{.*}} keep %[[KEEP]]
// CHECK: tile.softmax_finish {{.*}} weight 1.33333337
func.func @attention(%q: tensor<?x8x?x64xf16>, %k: tensor<?x8x?x64xf16>, %v: tensor<?x8x?x64xf16>, %seed: tensor<2xi32>) -> tensor<?x8x?x64xf16> {
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 8>) dropout(#attn.dropout<probability = 0.25>, %seed)
      : (tensor<?x8x?x64xf16>, tensor<?x8x?x64xf16>, tensor<?x8x?x64xf16>, tensor<2xi32>) -> tensor<?x8x?x64xf16>
  return %out : tensor<?x8x?x64xf16>
}
