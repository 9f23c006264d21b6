// RUN: attn-opt %s --convert-tile-to-nvvm --cse | FileCheck %s

// In wgmma's fragment a thread holds columns 2(t % 4) and the next one, and the same 8 further on; its second row is 8 below.
// CHECK-LABEL: llvm.func @kernel
// CHECK: setmaxnreg.inc
// CHECK: %[[ROW:.*]] = arith.addi %{{.*}}, %{{.*}} : i32
// CHECK: %[[LANE:.*]] = arith.andi %{{.*}}, %c3_i32
// CHECK: %[[COLUMN:.*]] = arith.muli %[[LANE]], %c2_i32
// CHECK: %[[C:.*]] = arith.addi %{{.*}}, %[[COLUMN]]
// CHECK: %[[C0:.*]] = arith.addi %[[C]], %c0_i32
// CHECK: %[[C1:.*]] = arith.addi %[[C]], %c1_i32
// CHECK: %[[C8:.*]] = arith.addi %[[C]], %c8_i32
// CHECK: %[[C9:.*]] = arith.addi %[[C]], %c9_i32
// CHECK: arith.cmpi slt, %[[C0]], %c7_i32
// CHECK: arith.cmpi slt, %[[C1]], %c7_i32
// CHECK: arith.cmpi slt, %[[C8]], %c7_i32
// CHECK: arith.cmpi slt, %[[C9]], %c7_i32
func.func @kernel(%lse: memref<?x?x?xf32, strided<[?, ?, ?]>>) attributes {tile.plan = #tile.plan<target = "sm_90a", query_tile = 64, kv_tile = 64, warpgroups = 1, stages = 2, overlap = true, ping_pong = false>} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %n = arith.constant 7 : i32
  %ones = arith.constant dense<1.0> : tensor<64x16xf32, #tile.layout<accumulator, warpgroups = 1>>
  %zeros = arith.constant dense<0.0> : tensor<64x16xf32, #tile.layout<accumulator, warpgroups = 1>>
  %init = arith.constant dense<0xFF800000> : tensor<64xf32, #tile.layout<row, warpgroups = 1>>
  scf.forall (%b, %h, %t) in (%c1, %c1, %c1) {
    tile.roles registers(24, 240) producer {
    } consumers(1) {
      %keys = tile.indices column %t : tensor<64x16xi32, #tile.layout<accumulator, warpgroups = 1>>
      %limit = tensor.splat %n : tensor<64x16xi32, #tile.layout<accumulator, warpgroups = 1>>
      %inside = arith.cmpi slt, %keys, %limit : tensor<64x16xi32, #tile.layout<accumulator, warpgroups = 1>>
      %s = arith.select %inside, %ones, %zeros : tensor<64x16xi1, #tile.layout<accumulator, warpgroups = 1>>, tensor<64x16xf32, #tile.layout<accumulator, warpgroups = 1>>
      %m = tile.row_max %s, %init : tensor<64x16xf32, #tile.layout<accumulator, warpgroups = 1>>, tensor<64xf32, #tile.layout<row, warpgroups = 1>>
      tile.store %m, %lse[%b, %h, %t] : tensor<64xf32, #tile.layout<row, warpgroups = 1>>, memref<?x?x?xf32, strided<[?, ?, ?]>>
    }
  }
  return
}
