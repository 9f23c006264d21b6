// RUN: attn-opt %s --pass-pipeline='builtin.module(func.func(attn-expand-clauses))' | FileCheck %s

// CHECK-LABEL: func.func @masks
// CHECK: attn.attention
// CHECK-SAME: captures(%arg3 sorted, %{{.*}}) heads
// CHECK-SAME: causality(<top_left>) mask {
// CHECK: ^bb0(%[[B:[a-z0-9]+]]: index, %{{[a-z0-9]+}}: index, %[[I:[a-z0-9]+]]: index, %[[J:[a-z0-9]+]]: index, %[[IDS:[a-z0-9]+]]: tensor<1x?xi32>
// CHECK: arith.floordivsi %[[I]]
// CHECK: arith.floordivsi %[[J]]
// CHECK: %[[CHUNK:.*]] = arith.cmpi eq
// CHECK: %[[OWN:.*]] = tensor.extract %[[IDS]][%{{.*}}, %[[I]]]
// CHECK: %[[OTHER:.*]] = tensor.extract %[[IDS]][%{{.*}}, %[[J]]]
// CHECK: %[[SAME:.*]] = arith.cmpi eq, %[[OWN]], %[[OTHER]]
// CHECK: %[[BESIDE:.*]] = arith.cmpi slt, %[[I]]
// CHECK: %[[DOCUMENT:.*]] = arith.andi %[[BESIDE]], %[[SAME]]
// CHECK: %[[BOTH:.*]] = arith.andi %[[CHUNK]], %[[DOCUMENT]]
// CHECK: %[[LAST:.*]] = arith.cmpi ne, %[[I]], %[[J]]
// CHECK: %[[ALLOWED:.*]] = arith.andi %[[BOTH]], %[[LAST]]
// CHECK: attn.yield %[[ALLOWED]]
func.func @masks(%q: tensor<?x8x?x64xf16>, %k: tensor<?x8x?x64xf16>, %v: tensor<?x8x?x64xf16>, %ids: tensor<1x?xi32>) -> tensor<?x8x?x64xf16> {
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 8>) causality(#attn.causality<top_left>)
      chunk(64) documents(%ids sorted)
      mask {
      ^bb0(%b: index, %h: index, %i: index, %j: index):
        %x = arith.cmpi ne, %i, %j : index
        attn.yield %x : i1
      }
      : (tensor<?x8x?x64xf16>, tensor<?x8x?x64xf16>, tensor<?x8x?x64xf16>, tensor<1x?xi32>) -> tensor<?x8x?x64xf16>
  return %out : tensor<?x8x?x64xf16>
}

// Documents that are captured and sorted besides are sorted once.
// CHECK-LABEL: func.func @twice
// CHECK: attn.attention
// CHECK-SAME: captures(%arg3 sorted{{.*}}) heads
func.func @twice(%q: tensor<?x8x?x64xf16>, %k: tensor<?x8x?x64xf16>, %v: tensor<?x8x?x64xf16>, %ids: tensor<1x?xi32>) -> tensor<?x8x?x64xf16> {
  %out = attn.attention %q, %k, %v captures(%ids sorted) heads(#attn.head_grouping<query = 8, kv = 8>) documents(%ids sorted)
      : (tensor<?x8x?x64xf16>, tensor<?x8x?x64xf16>, tensor<?x8x?x64xf16>, tensor<1x?xi32>, tensor<1x?xi32>) -> tensor<?x8x?x64xf16>
  return %out : tensor<?x8x?x64xf16>
}
