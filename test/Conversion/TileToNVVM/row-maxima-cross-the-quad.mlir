// RUN: attn-opt %s --convert-tile-to-nvvm --cse | FileCheck %s

// A thread holds two rows; four neighbouring lanes hold a row between them, which two shuffles bring together.
// CHECK-LABEL: llvm.func @kernel
// CHECK: setmaxnreg.inc
// CHECK: arith.maxnumf
// CHECK: %[[OTHER:.*]] = nvvm.shfl.sync  bfly %{{.*}}, %[[MINE:.*]], %c1_i32, %{{.*}} : f32 -> f32
// CHECK: %[[PAIR:.*]] = arith.maxnumf %[[MINE]], %[[OTHER]]
// CHECK: %[[FAR:.*]] = nvvm.shfl.sync  bfly %{{.*}}, %[[PAIR]], %c2_i32, %{{.*}} : f32 -> f32
// CHECK: arith.maxnumf %[[PAIR]], %[[FAR]]
// CHECK-COUNT-2: nvvm.shfl.sync  bfly
// CHECK-NOT: nvvm.shfl.sync  bfly
func.func @kernel(%lse: memref<?x?x?xf32, strided<[?, ?, ?]>>) attributes {tile.plan = #tile.plan<target = "sm_90a", query_tile = 64, kv_tile = 64, warpgroups = 1, stages = 2, overlap = true, ping_pong = false>} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %init = arith.constant dense<0xFF800000> : tensor<64xf32, #tile.layout<row, warpgroups = 1>>
  scf.forall (%b, %h, %t) in (%c1, %c1, %c1) {
    %query = tile.alloc_ring at 0 : !tile.ring<1, 64x16xbf16>
    %keys = tile.alloc_ring at 8192 : !tile.ring<1, 16x16xbf16>
    tile.roles registers(24, 240) producer {
    } consumers(1) {
      %q = tile.view %query[%c0] : !tile.ring<1, 64x16xbf16> -> !tile.shared<64x16xbf16>
      %k = tile.view %keys[%c0] : !tile.ring<1, 16x16xbf16> -> !tile.shared<16x16xbf16>
      %p = tile.issue_mma %q, %k transpose_b : !tile.shared<64x16xbf16>, !tile.shared<16x16xbf16> -> !tile.pending<tensor<64x16xf32, #tile.layout<accumulator, warpgroups = 1>>>
      %s = tile.await %p : !tile.pending<tensor<64x16xf32, #tile.layout<accumulator, warpgroups = 1>>>
      %m = tile.row_max %s, %init : tensor<64x16xf32, #tile.layout<accumulator, warpgroups = 1>>, tensor<64xf32, #tile.layout<row, warpgroups = 1>>
      tile.store %m, %lse[%b, %h, %t] : tensor<64xf32, #tile.layout<row, warpgroups = 1>>, memref<?x?x?xf32, strided<[?, ?, ?]>>
    }
  }
  return
}
