// RUN: attn-opt %s --pass-pipeline='builtin.module(func.func(tile-simplify-scores,canonicalize))' | FileCheck %s

// CHECK-LABEL: func.func @adds
// CHECK-SAME: %[[S:.*]]: tensor<64x96xf32>, %[[A:.*]]: tensor<64x96xf32>, %[[B:.*]]: tensor<64x96xf32>
// CHECK: %[[X:.*]] = math.fma %[[A]], %[[B]], %[[S]]
// CHECK: %[[MINUS:.*]] = arith.negf %[[A]]
// CHECK: %[[Y:.*]] = math.fma %[[MINUS]], %[[B]], %[[S]]
// CHECK: %[[LESS:.*]] = arith.negf %[[S]]
// CHECK: %[[Z:.*]] = math.fma %[[A]], %[[B]], %[[LESS]]
// CHECK: return %[[X]], %[[Y]], %[[Z]]
func.func @adds(%s: tensor<64x96xf32>, %a: tensor<64x96xf32>, %b: tensor<64x96xf32>) -> (tensor<64x96xf32>, tensor<64x96xf32>, tensor<64x96xf32>) {
  %p = arith.mulf %a, %b : tensor<64x96xf32>
  %x = arith.addf %s, %p : tensor<64x96xf32>
  %q = arith.mulf %a, %b : tensor<64x96xf32>
  %y = arith.subf %s, %q : tensor<64x96xf32>
  %r = arith.mulf %a, %b : tensor<64x96xf32>
  %z = arith.subf %r, %s : tensor<64x96xf32>
  return %x, %y, %z : tensor<64x96xf32>, tensor<64x96xf32>, tensor<64x96xf32>
}

// Rows are few; and a product with two readers is there anyway.
// CHECK-LABEL: func.func @stays
// CHECK-NOT: math.fma
// CHECK: return
func.func @stays(%s: tensor<64xf32>, %t: tensor<64x96xf32>) -> (tensor<64xf32>, tensor<64x96xf32>, tensor<64x96xf32>) {
  %p = arith.mulf %s, %s : tensor<64xf32>
  %x = arith.addf %s, %p : tensor<64xf32>
  %q = arith.mulf %t, %t : tensor<64x96xf32>
  %y = arith.addf %t, %q : tensor<64x96xf32>
  return %x, %y, %q : tensor<64xf32>, tensor<64x96xf32>, tensor<64x96xf32>
}
