// RUN: attn-opt %s --pass-pipeline='builtin.module(func.func(attn-expand-clauses))' | FileCheck %s

// CHECK-LABEL: func.func @prefix
// CHECK: attn.attention
// CHECK-NOT: causality
// CHECK-SAME: mask {
// CHECK: ^bb0(%[[B:[a-z0-9]+]]: index, %{{[a-z0-9]+}}: index, %[[I:[a-z0-9]+]]: index, %[[J:[a-z0-9]+]]: index
// CHECK: %[[N:.*]] = tensor.extract %{{.*}}[%[[B]]] : tensor<?xi32>
// CHECK: %[[LENGTH:.*]] = arith.index_cast %[[N]]
// CHECK: %[[UPPER:.*]] = arith.cmpi sle, %[[J]]
// CHECK: %[[LOWER:.*]] = arith.cmpi sge, %[[J]]
// CHECK: %[[CAUSAL:.*]] = arith.andi %[[UPPER]], %[[LOWER]]
// CHECK: %[[PREFIX:.*]] = arith.cmpi slt, %[[J]], %[[LENGTH]]
// CHECK: %[[ALLOWED:.*]] = arith.ori %[[PREFIX]], %[[CAUSAL]]
// CHECK: attn.yield %[[ALLOWED]]
func.func @prefix(%q: tensor<?x8x?x64xf16>, %k: tensor<?x8x?x64xf16>, %v: tensor<?x8x?x64xf16>, %n: tensor<?xi32>) -> tensor<?x8x?x64xf16> {
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 8>)
      causality(#attn.causality<top_left, left = 100>) prefix(%n)
      : (tensor<?x8x?x64xf16>, tensor<?x8x?x64xf16>, tensor<?x8x?x64xf16>, tensor<?xi32>) -> tensor<?x8x?x64xf16>
  return %out : tensor<?x8x?x64xf16>
}
