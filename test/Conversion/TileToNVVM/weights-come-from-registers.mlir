// RUN: attn-opt %s --convert-tile-to-nvvm --cse | FileCheck %s

// The weights are the A operand in registers, four a k-step of 16 keys; a step of the values is 16 rows of 128 bytes. The
// accumulators are tied to the results, so that they stay in their registers.
// CHECK-LABEL: llvm.func @kernel
// CHECK: wgmma.fence.sync.aligned;
// CHECK-SAME: setp.ne.b32 p, 1, 0;
// CHECK-SAME: add.s64 b, $12, 0;
// CHECK-SAME: wgmma.mma_async.sync.aligned.m64n8k16.f32.f16.f16 {$0, $1, $2, $3}, {$4, $5, $6, $7}, b, p, 1, 1, 1;
// CHECK-SAME: setp.ne.b32 p, 1, 0;
// CHECK-SAME: add.s64 b, $12, 128;
// CHECK-SAME: {$0, $1, $2, $3}, {$8, $9, $10, $11}, b, p, 1, 1, 1;
// CHECK-SAME: wgmma.commit_group.sync.aligned;
// CHECK-SAME: "=f,=f,=f,=f,r,r,r,r,r,r,r,r,l,0,1,2,3"
func.func @kernel(%lse: memref<?x?x?xf32, strided<[?, ?, ?]>>) attributes {tile.plan = #tile.plan<target = "sm_90a", query_tile = 64, kv_tile = 64, warpgroups = 1, stages = 2, overlap = true, ping_pong = false>} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %weights = arith.constant dense<1.0> : tensor<64x32xf32, #tile.layout<accumulator, warpgroups = 1>>
  %acc = arith.constant dense<0.0> : tensor<64x8xf32, #tile.layout<accumulator, warpgroups = 1>>
  scf.forall (%b, %h, %t) in (%c1, %c1, %c1) {
    %values = tile.alloc_ring at 0 : !tile.ring<1, 32x8xf16>
    tile.roles registers(24, 240) producer {
    } consumers(1) {
      %p = arith.truncf %weights : tensor<64x32xf32, #tile.layout<accumulator, warpgroups = 1>> to tensor<64x32xf16, #tile.layout<accumulator, warpgroups = 1>>
      %a = tile.convert_layout %p : tensor<64x32xf16, #tile.layout<accumulator, warpgroups = 1>> -> tensor<64x32xf16, #tile.layout<operand, warpgroups = 1>>
      %v = tile.view %values[%c0] : !tile.ring<1, 32x8xf16> -> !tile.shared<32x8xf16>
      %n = tile.issue_mma %a, %v, %acc : tensor<64x32xf16, #tile.layout<operand, warpgroups = 1>>, !tile.shared<32x8xf16> -> !tile.pending<tensor<64x8xf32, #tile.layout<accumulator, warpgroups = 1>>>
      %o = tile.await %n : !tile.pending<tensor<64x8xf32, #tile.layout<accumulator, warpgroups = 1>>>
    }
  }
  return
}
