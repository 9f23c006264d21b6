// RUN: attn-opt %s --convert-tile-to-nvvm --cse | FileCheck %s

// Both operands of the scores are descriptors, of this warpgroup's 64 rows (8192 bytes a warpgroup) and of the keys. The first of
// 80 / 16 = 5 k-steps overwrites the accumulators; a step is 32 bytes, and the fifth lies in the next chunk of 128 bytes.
// CHECK-LABEL: llvm.func @kernel
// CHECK: %[[QUERY:.*]] = arith.addi %{{.*}}, %c1024_i32
// CHECK: setmaxnreg.inc
// CHECK: %[[CONSUMER:.*]] = arith.subi %{{.*}}, %c1_i32
// CHECK: %[[ROWS:.*]] = arith.muli %[[CONSUMER]], %c8192_i32
// CHECK: arith.addi %{{.*}}, %[[ROWS]]
// CHECK: wgmma.fence.sync.aligned;
// CHECK-SAME: setp.ne.b32 p, 0, 0;
// CHECK-SAME: add.s64 b, $[[B:[0-9]+]], 0;\0Aadd.s64 a, $[[A:[0-9]+]], 0;
// CHECK-SAME: wgmma.mma_async.sync.aligned.m64n16k16.f32.bf16.bf16 {$0, $1, $2, $3, $4, $5, $6, $7}, a, b, p, 1, 1, 0, 0;
// CHECK-SAME: setp.ne.b32 p, 1, 0;\0Aadd.s64 b, $[[B]], 2;\0Aadd.s64 a, $[[A]], 2;
// CHECK-SAME: add.s64 b, $[[B]], 6;\0Aadd.s64 a, $[[A]], 6;
// CHECK-SAME: add.s64 b, $[[B]], 128;\0Aadd.s64 a, $[[A]], 1024;
// CHECK-SAME: wgmma.commit_group.sync.aligned;
// CHECK-SAME: -> !llvm.struct<(f32, f32, f32, f32, f32, f32, f32, f32)>
func.func @kernel(%lse: memref<?x?x?xf32, strided<[?, ?, ?]>>) attributes {tile.plan = #tile.plan<target = "sm_90a", query_tile = 128, kv_tile = 64, warpgroups = 2, stages = 2, overlap = true, ping_pong = false>} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.forall (%b, %h, %t) in (%c1, %c1, %c1) {
    %query = tile.alloc_ring at 1024 : !tile.ring<1, 128x80xbf16>
    %keys = tile.alloc_ring at 33792 : !tile.ring<1, 16x80xbf16>
    tile.roles registers(24, 240) producer {
    } consumers(2) {
      %q = tile.view %query[%c0] : !tile.ring<1, 128x80xbf16> -> !tile.shared<128x80xbf16>
      %k = tile.view %keys[%c0] : !tile.ring<1, 16x80xbf16> -> !tile.shared<16x80xbf16>
      %p = tile.issue_mma %q, %k transpose_b : !tile.shared<128x80xbf16>, !tile.shared<16x80xbf16> -> !tile.pending<tensor<128x16xf32, #tile.layout<accumulator, warpgroups = 2>>>
      %s = tile.await %p : !tile.pending<tensor<128x16xf32, #tile.layout<accumulator, warpgroups = 2>>>
    }
  }
  return
}
