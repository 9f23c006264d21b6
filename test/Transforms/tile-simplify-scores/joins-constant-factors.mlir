// RUN: attn-opt %s --pass-pipeline='builtin.module(func.func(tile-simplify-scores,canonicalize))' | FileCheck %s

// CHECK-LABEL: func.func @factors
// CHECK-SAME: %[[S:.*]]: tensor<64x96xf32>
// CHECK: %[[C:.*]] = arith.constant dense<2.500000e-02>
// CHECK: %[[X:.*]] = arith.mulf %[[S]], %[[C]]
// CHECK: %[[Y:.*]] = math.tanh %[[X]]
// CHECK: return %[[Y]]
func.func @factors(%s: tensor<64x96xf32>) -> tensor<64x96xf32> {
  %scale = arith.constant dense<0.125> : tensor<64x96xf32>
  %cap = arith.constant dense<5.0> : tensor<64x96xf32>
  %scaled = arith.mulf %s, %scale : tensor<64x96xf32>
  %ratio = arith.divf %scaled, %cap : tensor<64x96xf32>
  %x = math.tanh %ratio : tensor<64x96xf32>
  return %x : tensor<64x96xf32>
}

// What something else reads has to be computed; 1 / 1e-45 is no number.
// CHECK-LABEL: func.func @stays
// CHECK: %[[X:.*]] = arith.mulf
// CHECK: arith.mulf %[[X]]
// CHECK: arith.divf
func.func @stays(%s: tensor<64x96xf32>) -> (tensor<64x96xf32>, tensor<64x96xf32>, tensor<64x96xf32>) {
  %c = arith.constant dense<0.125> : tensor<64x96xf32>
  %tiny = arith.constant dense<1.0e-45> : tensor<64x96xf32>
  %x = arith.mulf %s, %c : tensor<64x96xf32>
  %y = arith.mulf %x, %c : tensor<64x96xf32>
  %z = arith.divf %s, %tiny : tensor<64x96xf32>
  return %x, %y, %z : tensor<64x96xf32>, tensor<64x96xf32>, tensor<64x96xf32>
}
