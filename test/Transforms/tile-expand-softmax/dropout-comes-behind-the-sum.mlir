// RUN: attn-opt %s --pass-pipeline='builtin.module(func.func(tile-expand-softmax))' | FileCheck %s

// CHECK-LABEL: func.func @step
// CHECK-SAME: %[[KEEP:[a-z0-9]+]]: tensor<64x32xi1>
// CHECK: %[[P:.*]] = math.exp2 %{{.*}} : tensor<64x32xf32>
// CHECK: tile.row_accumulate {{.*}}, %[[P]]
// CHECK: %[[DROPPED:.*]] = arith.select %[[KEEP]], %[[P]], %{{.*}}
// CHECK: arith.truncf %[[DROPPED]]
// CHECK: %[[W:.*]] = arith.constant dense<1.250000e+00> : tensor<64xf32>
// CHECK: arith.divf %[[W]],
func.func @step(%s: tensor<64x32xf32>, %v: tensor<32x64xf16>, %o: tensor<64x64xf32>, %m: tensor<64xf32>,
                %l: !tile.partial<64xf32>, %keep: tensor<64x32xi1>) -> (tensor<64x64xf16>, tensor<64xf32>) {
  %o1, %m1, %l1 = tile.softmax_step %s, %v, %o, %m, %l keep %keep scale 1.0
      : tensor<64x32xf32>, tensor<32x64xf16>, tensor<64x64xf32>, tensor<64xf32>, !tile.partial<64xf32> keep tensor<64x32xi1>
  %y, %lse = tile.softmax_finish %o1, %m1, %l1 scale 1.0 weight 1.25
      : tensor<64x64xf32>, tensor<64xf32>, !tile.partial<64xf32> -> tensor<64x64xf16>, tensor<64xf32>
  return %y, %lse : tensor<64x64xf16>, tensor<64xf32>
}
