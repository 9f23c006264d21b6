// RUN: attn-opt %s --convert-tile-to-nvvm --cse | FileCheck %s

// 1 is 0x3f80 in bf16, and 0x3f803f80 is 1065369472.
// CHECK-LABEL: llvm.func @kernel
// CHECK: %[[ONES:.*]] = arith.constant 1065369472 : i32
// CHECK: wgmma.mma_async.sync.aligned.m64n8k16.f32.bf16.bf16
// CHECK-SAME: %[[ONES]], %[[ONES]], %[[ONES]], %[[ONES]]
func.func @kernel(%lse: memref<?x?x?xf32, strided<[?, ?, ?]>>) attributes {tile.plan = #tile.plan<target = "sm_90a", query_tile = 64, kv_tile = 64, warpgroups = 1, stages = 2, overlap = true, ping_pong = false>} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %weights = arith.constant dense<1.0> : tensor<64x16xbf16, #tile.layout<operand, warpgroups = 1>>
  %acc = arith.constant dense<0.0> : tensor<64x8xf32, #tile.layout<accumulator, warpgroups = 1>>
  scf.forall (%b, %h, %t) in (%c1, %c1, %c1) {
    %values = tile.alloc_ring at 0 : !tile.ring<1, 16x8xbf16>
    tile.roles registers(24, 240) producer {
    } consumers(1) {
      %v = tile.view %values[%c0] : !tile.ring<1, 16x8xbf16> -> !tile.shared<16x8xbf16>
      %n = tile.issue_mma %weights, %v, %acc : tensor<64x16xbf16, #tile.layout<operand, warpgroups = 1>>, !tile.shared<16x8xbf16> -> !tile.pending<tensor<64x8xf32, #tile.layout<accumulator, warpgroups = 1>>>
      %o = tile.await %n : !tile.pending<tensor<64x8xf32, #tile.layout<accumulator, warpgroups = 1>>>
    }
  }
  return
}
