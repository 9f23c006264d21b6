// RUN: attn-opt %s --convert-tile-to-nvvm --cse | FileCheck %s

// Two products are issued. The first wait lets the second run, and both products' accumulators pass through it; the
// second wait is for the second alone.
// CHECK-LABEL: llvm.func @kernel
// CHECK: %[[FIRST:.*]] = llvm.inline_asm {{.*}}wgmma.mma_async
// CHECK: %[[F0:.*]] = llvm.extractvalue %[[FIRST]][0]
// CHECK: %[[SECOND:.*]] = llvm.inline_asm {{.*}}wgmma.mma_async
// CHECK: %[[S0:.*]] = llvm.extractvalue %[[SECOND]][0]
// CHECK: %[[BOTH:.*]] = llvm.inline_asm has_side_effects {{.*}}"wgmma.wait_group.sync.aligned 1;", "=f,=f,=f,=f,=f,=f,=f,=f,0,1,2,3,4,5,6,7" %[[F0]], {{.*}}%[[S0]],
// CHECK: %[[S0B:.*]] = llvm.extractvalue %[[BOTH]][4]
// CHECK: llvm.inline_asm has_side_effects {{.*}}"wgmma.wait_group.sync.aligned 0;", "=f,=f,=f,=f,0,1,2,3" %[[S0B]],
func.func @kernel(%lse: memref<?x?x?xf32, strided<[?, ?, ?]>>) attributes {tile.plan = #tile.plan<target = "sm_90a", query_tile = 64, kv_tile = 64, warpgroups = 1, stages = 2, overlap = true, ping_pong = false>} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.forall (%b, %h, %t) in (%c1, %c1, %c1) {
    %query = tile.alloc_ring at 0 : !tile.ring<1, 64x16xbf16>
    %keys = tile.alloc_ring at 8192 : !tile.ring<2, 8x16xbf16>
    tile.roles registers(24, 240) producer {
    } consumers(1) {
      %q = tile.view %query[%c0] : !tile.ring<1, 64x16xbf16> -> !tile.shared<64x16xbf16>
      %k = tile.view %keys[%c0] : !tile.ring<2, 8x16xbf16> -> !tile.shared<8x16xbf16>
      %l = tile.view %keys[%c1] : !tile.ring<2, 8x16xbf16> -> !tile.shared<8x16xbf16>
      %p0 = tile.issue_mma %q, %k transpose_b : !tile.shared<64x16xbf16>, !tile.shared<8x16xbf16> -> !tile.pending<tensor<64x8xf32, #tile.layout<accumulator, warpgroups = 1>>>
      %p1 = tile.issue_mma %q, %l transpose_b : !tile.shared<64x16xbf16>, !tile.shared<8x16xbf16> -> !tile.pending<tensor<64x8xf32, #tile.layout<accumulator, warpgroups = 1>>>
      %s0 = tile.await %p0 : !tile.pending<tensor<64x8xf32, #tile.layout<accumulator, warpgroups = 1>>>
      %s1 = tile.await %p1 : !tile.pending<tensor<64x8xf32, #tile.layout<accumulator, warpgroups = 1>>>
    }
  }
  return
}
