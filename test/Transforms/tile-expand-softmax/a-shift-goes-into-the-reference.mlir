// RUN: attn-opt %s --pass-pipeline='builtin.module(func.func(tile-expand-softmax),canonicalize)' | FileCheck %s

// Only the maximum is looked for among the shifted scores; exponents take the shift with the reference.
// CHECK-LABEL: func.func @step
// CHECK-SAME: %[[S:[^:]*]]: tensor<64x32xf32>, %[[X:[^:]*]]: tensor<64x32xf32>
// CHECK: %[[ALL:.*]] = arith.addf %[[S]], %[[X]]
// CHECK: tile.row_max %[[ALL]]
// CHECK: %[[R:.*]] = tile.broadcast_rows
// CHECK: %[[MOVED:.*]] = math.fma %[[X]], %[[SCALE:.*]], %[[R]] : tensor<64x32xf32>
// CHECK: %[[E:.*]] = math.fma %[[S]], %[[SCALE]], %[[MOVED]] : tensor<64x32xf32>
// CHECK: math.exp2 %[[E]]
func.func @step(%s: tensor<64x32xf32>, %x: tensor<64x32xf32>, %v: tensor<32x64xf16>, %o: tensor<64x64xf32>, %m: tensor<64xf32>,
                %l: !tile.partial<64xf32>) -> tensor<64x64xf32> {
  %o1, %m1, %l1 = tile.softmax_step %s, %v, %o, %m, %l shift %x scale 0.25
      : tensor<64x32xf32>, tensor<32x64xf16>, tensor<64x64xf32>, tensor<64xf32>, !tile.partial<64xf32> shift tensor<64x32xf32>
  return %o1 : tensor<64x64xf32>
}

// So it is where the maximum is looked for in the rare block alone.
// CHECK-LABEL: func.func @seldom
// CHECK-SAME: %[[S:[^:]*]]: tensor<64x32xf32>, %[[X:[^:]*]]: tensor<64x32xf32>
// CHECK-NOT: tile.row_max
// CHECK: scf.if
// CHECK: %[[ALL:.*]] = arith.addf %[[S]], %[[X]]
// CHECK: tile.row_max %[[ALL]]
// CHECK: %[[MOVED:.*]] = math.fma %[[X]], %{{.*}}, %{{.*}} : tensor<64x32xf32>
// CHECK: math.fma %[[S]], %{{.*}}, %[[MOVED]]
func.func @seldom(%s: tensor<64x32xf32>, %x: tensor<64x32xf32>, %v: tensor<32x64xf16>, %o: tensor<64x64xf32>, %m: tensor<64xf32>,
                  %l: !tile.partial<64xf32>) -> tensor<64x64xf32>
    attributes {tile.plan = #tile.plan<target = "sm_90a", query_tile = 64, kv_tile = 32, warpgroups = 1, stages = 2, overlap = true, ping_pong = false, rescale_threshold = 15>} {
  %o1, %m1, %l1 = tile.softmax_step %s, %v, %o, %m, %l shift %x scale 0.25
      : tensor<64x32xf32>, tensor<32x64xf16>, tensor<64x64xf32>, tensor<64xf32>, !tile.partial<64xf32> shift tensor<64x32xf32>
  return %o1 : tensor<64x64xf32>
}
