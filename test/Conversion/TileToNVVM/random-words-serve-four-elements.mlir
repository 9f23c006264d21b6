// RUN: attn-opt %s --convert-tile-to-nvvm --cse | FileCheck %s

// Elements 8 rows or 8 columns apart share a block of words: 8 elements of a thread take two blocks. Integers are computed
// where they are needed, a block after the other. (Two elements of a known word share one select.)
// CHECK-LABEL: llvm.func @kernel
// CHECK: setmaxnreg.inc
// CHECK: arith.mului_extended
// CHECK: arith.cmpi uge
// CHECK: arith.select
// CHECK: arith.mului_extended
// CHECK-NOT: arith.mului_extended
// CHECK-COUNT-6: arith.select
func.func @kernel(%lse: memref<?x?x?xf32, strided<[?, ?, ?]>>) attributes {tile.plan = #tile.plan<target = "sm_90a", query_tile = 64, kv_tile = 64, warpgroups = 1, stages = 2, overlap = true, ping_pong = false>} {
  %c1 = arith.constant 1 : index
  %a = arith.constant dense<3> : tensor<64x16xi32, #tile.layout<accumulator, warpgroups = 1>>
  %ones = arith.constant dense<1.0> : tensor<64x16xf32, #tile.layout<accumulator, warpgroups = 1>>
  %zeros = arith.constant dense<0.0> : tensor<64x16xf32, #tile.layout<accumulator, warpgroups = 1>>
  %init = arith.constant dense<0xFF800000> : tensor<64xf32, #tile.layout<row, warpgroups = 1>>
  scf.forall (%b, %h, %t) in (%c1, %c1, %c1) {
    tile.roles registers(24, 240) producer {
    } consumers(1) {
      %keys = tile.indices column %t clear 8 : tensor<64x16xi32, #tile.layout<accumulator, warpgroups = 1>>
      %low, %high = arith.mului_extended %keys, %a : tensor<64x16xi32, #tile.layout<accumulator, warpgroups = 1>>
      %word = tile.deal %low, %high, %keys, %a : tensor<64x16xi32, #tile.layout<accumulator, warpgroups = 1>>
      %kept = arith.cmpi uge, %word, %a : tensor<64x16xi32, #tile.layout<accumulator, warpgroups = 1>>
      %s = arith.select %kept, %ones, %zeros : tensor<64x16xi1, #tile.layout<accumulator, warpgroups = 1>>, tensor<64x16xf32, #tile.layout<accumulator, warpgroups = 1>>
      %m = tile.row_max %s, %init : tensor<64x16xf32, #tile.layout<accumulator, warpgroups = 1>>, tensor<64xf32, #tile.layout<row, warpgroups = 1>>
      tile.store %m, %lse[%b, %h, %t] : tensor<64xf32, #tile.layout<row, warpgroups = 1>>, memref<?x?x?xf32, strided<[?, ?, ?]>>
    }
  }
  return
}
