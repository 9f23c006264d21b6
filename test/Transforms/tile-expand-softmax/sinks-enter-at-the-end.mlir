// RUN: attn-opt %s --pass-pipeline='builtin.module(func.func(tile-expand-softmax))' | FileCheck %s

// The sum and the accumulator are brought to the larger of the row's maximum and its sink; both count in the sum.
// CHECK-LABEL: func.func @finish
// CHECK-SAME: !tile.partial<64xf32>, %[[SINK:[a-z0-9]+]]: tensor<64xf32>
// CHECK: %[[SUM:.*]] = tile.row_total
// CHECK: %[[OWN:.*]] = arith.mulf %[[SINK]]
// CHECK: arith.maxnumf %{{.*}}, %[[OWN]]
// CHECK: %[[LARGER:.*]] = arith.select
// CHECK: %[[D:.*]] = arith.subf %{{.*}}, %[[LARGER]]
// CHECK: %[[SHRUNK:.*]] = math.exp2 %[[D]]
// CHECK: %[[E:.*]] = arith.subf %[[OWN]], %[[LARGER]]
// CHECK: %[[WEIGHT:.*]] = math.exp2 %[[E]]
// CHECK: %[[TOTAL:.*]] = math.fma %[[SUM]], %[[SHRUNK]], %[[WEIGHT]]
// CHECK: %[[FACTOR:.*]] = arith.mulf %{{.*}}, %[[SHRUNK]]
// CHECK: arith.divf %[[FACTOR]], %[[TOTAL]]
// CHECK: %[[LOG:.*]] = math.log2 %[[TOTAL]]
// CHECK: arith.addf %[[LARGER]], %[[LOG]]
func.func @finish(%o: tensor<64x64xf32>, %m: tensor<64xf32>, %l: !tile.partial<64xf32>, %sink: tensor<64xf32>)
    -> (tensor<64x64xf16>, tensor<64xf32>) {
  %y, %lse = tile.softmax_finish %o, %m, %l sink %sink scale 0.5
      : tensor<64x64xf32>, tensor<64xf32>, !tile.partial<64xf32>, tensor<64xf32> -> tensor<64x64xf16>, tensor<64xf32>
  return %y, %lse : tensor<64x64xf16>, tensor<64xf32>
}
