// RUN: attn-opt %s --convert-tile-to-nvvm --cse | FileCheck %s

// The batch is the same for all elements: where it is outside, no column is inside. Indices are widened as if they had no sign,
// which is one multiplication less; one below zero is outside.
// CHECK-LABEL: llvm.func @kernel
// CHECK: %[[FITS:.*]] = arith.cmpi ult, %{{.*}}, %{{.*}} : i32
// CHECK: %[[SIZE:.*]] = arith.select %[[FITS]], %{{.*}}, %c0_i32
// CHECK: arith.cmpi ult, %[[COLUMN:[^ ]*]], %[[SIZE]] : i32
// CHECK: arith.extui %[[COLUMN]] : i32 to i64
// CHECK-NOT: arith.andi
// CHECK-COUNT-4: ld.global.b32
func.func @kernel(%ids: memref<?x?xi32, strided<[?, ?]>>, %lse: memref<?x?x?xf32, strided<[?, ?, ?]>>) attributes {tile.plan = #tile.plan<target = "sm_90a", query_tile = 64, kv_tile = 64, warpgroups = 1, stages = 2, overlap = true, ping_pong = false>} {
  %c1 = arith.constant 1 : index
  %init = arith.constant dense<0xFF800000> : tensor<64xf32, #tile.layout<row, warpgroups = 1>>
  scf.forall (%b, %h, %t) in (%c1, %c1, %c1) {
    tile.roles registers(24, 240) producer {
    } consumers(1) {
      %batch = arith.index_cast %b : index to i32
      %batches = tensor.splat %batch : tensor<64x16xi32, #tile.layout<accumulator, warpgroups = 1>>
      %keys = tile.indices column %t : tensor<64x16xi32, #tile.layout<accumulator, warpgroups = 1>>
      %n = tile.gather %ids[%batches, %keys] : memref<?x?xi32, strided<[?, ?]>>[tensor<64x16xi32, #tile.layout<accumulator, warpgroups = 1>>, tensor<64x16xi32, #tile.layout<accumulator, warpgroups = 1>>] -> tensor<64x16xi32, #tile.layout<accumulator, warpgroups = 1>>
      %s = arith.sitofp %n : tensor<64x16xi32, #tile.layout<accumulator, warpgroups = 1>> to tensor<64x16xf32, #tile.layout<accumulator, warpgroups = 1>>
      %m = tile.row_max %s, %init : tensor<64x16xf32, #tile.layout<accumulator, warpgroups = 1>>, tensor<64xf32, #tile.layout<row, warpgroups = 1>>
      tile.store %m, %lse[%b, %h, %t] : tensor<64xf32, #tile.layout<row, warpgroups = 1>>, memref<?x?x?xf32, strided<[?, ?, ?]>>
    }
  }
  return
}
