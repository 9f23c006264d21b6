// RUN: attn-opt %s --convert-tile-to-nvvm | FileCheck %s

// Sixteen columns are eight pieces of a thread, four columns in two rows: a read for each column, guarded by the extent.
// CHECK-LABEL: llvm.func @kernel
// CHECK: arith.cmpi ult
// CHECK-COUNT-4: ld.global.f32
// CHECK-NOT: ld.global.f32
// CHECK: llvm.return
func.func @kernel(%bias: memref<?xf32, strided<[?]>>, %lse: memref<?x?x?xf32, strided<[?, ?, ?]>>) attributes {tile.plan = #tile.plan<target = "sm_90a", query_tile = 64, kv_tile = 64, warpgroups = 1, stages = 2, overlap = true, ping_pong = false>} {
  %c1 = arith.constant 1 : index
  %init = arith.constant dense<0xFF800000> : tensor<64xf32, #tile.layout<row, warpgroups = 1>>
  scf.forall (%b, %h, %t) in (%c1, %c1, %c1) {
    tile.roles registers(24, 240) producer {
    } consumers(1) {
      %keys = tile.indices column %t : tensor<64x16xi32, #tile.layout<accumulator, warpgroups = 1>>
      %s = tile.gather %bias[%keys] : memref<?xf32, strided<[?]>>[tensor<64x16xi32, #tile.layout<accumulator, warpgroups = 1>>] -> tensor<64x16xf32, #tile.layout<accumulator, warpgroups = 1>>
      %m = tile.row_max %s, %init : tensor<64x16xf32, #tile.layout<accumulator, warpgroups = 1>>, tensor<64xf32, #tile.layout<row, warpgroups = 1>>
      tile.store %m, %lse[%b, %h, %t] : tensor<64xf32, #tile.layout<row, warpgroups = 1>>, memref<?x?x?xf32, strided<[?, ?, ?]>>
    }
  }
  return
}
