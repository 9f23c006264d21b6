// RUN: attn-opt %s --convert-tile-to-nvvm --cse | FileCheck %s

// Lanes classify 32 blocks at once, and a vote makes a word of what they found, which the lane of that word keeps. So the
// producer is a whole warp, whose first lane alone waits and copies. (The role of the consumers asks which blocks are full too.)
// CHECK-LABEL: llvm.func @kernel
// CHECK-SAME: %[[MAP:.*]]: !llvm.ptr {llvm.align = 64
// CHECK: %[[THREAD:.*]] = nvvm.read.ptx.sreg.tid.x
// CHECK: %[[LANE:.*]] = arith.andi %[[THREAD]], %c31_i32
// CHECK: setmaxnreg.dec
// CHECK: %[[WARP:.*]] = arith.cmpi ult, %[[THREAD]], %c32_i32
// CHECK: scf.if %[[WARP]] {
// CHECK: %[[WORDS:.*]]:3 = scf.for %[[WORD:[a-z0-9]+]] = {{.*}} iter_args(%[[BEFORE:[a-z0-9]+]] =
// CHECK: %[[BITS:.*]] = nvvm.vote.sync ballot
// CHECK: %[[MINE:.*]] = arith.cmpi eq, %[[WORD]], %[[LANE]]
// CHECK: arith.select %[[MINE]], %[[BITS]],
// CHECK-NOT: nvvm.vote.sync
// CHECK: %[[HERE:.*]] = llvm.intr.ctpop(%[[BITS]])
// CHECK: %[[LATER:.*]] = arith.cmpi slt, %[[WORD]], %[[LANE]]
// CHECK: %[[MORE:.*]] = arith.select %[[LATER]], %[[HERE]], %c0_i32
// CHECK: arith.addi %[[BEFORE]], %[[MORE]]
// CHECK: scf.yield
// CHECK: llvm.intr.ctpop
// CHECK: nvvm.vote.sync ballot
// CHECK-COUNT-6: llvm.intr.ctpop
// CHECK: %[[FIRST:.*]] = arith.cmpi eq, %[[LANE]], %c0_i32
// CHECK: scf.if %[[FIRST]] {
// CHECK: mbarrier.arrive.expect_tx
// CHECK: nvvm.cp.async.bulk.tensor
// CHECK: } else {
// CHECK: setmaxnreg.inc
// CHECK-COUNT-2: nvvm.vote.sync ballot
func.func @kernel(%k: memref<?x?x?x64xbf16, strided<[?, ?, ?, 1]>>, %lse: memref<?x?x?xf32, strided<[?, ?, ?]>>) attributes {tile.plan = #tile.plan<target = "sm_90a", query_tile = 64, kv_tile = 64, warpgroups = 1, stages = 2, overlap = true, ping_pong = false>} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c64 = arith.constant 64 : index
  %keys = memref.dim %k, %c2 : memref<?x?x?x64xbf16, strided<[?, ?, ?, 1]>>
  %init = arith.constant dense<0xFF800000> : tensor<64xf32, #tile.layout<row, warpgroups = 1>>
  scf.forall (%b, %h, %t) in (%c1, %c1, %c1) {
    %ring = tile.alloc_ring at 0 : !tile.ring<1, 64x64xbf16>
    %full = tile.alloc_barriers arrivals 1 at 8192 : !tile.barriers<1>
    tile.roles registers(24, 240) producer {
      %table = tile.tabulate %c0 to %keys {
      ^bb0(%block: index):
        %some = arith.cmpi sgt, %block, %t : index
        tile.kind present %some full %some
      }
      %last = tile.find_block %table[%h]
      %row = arith.muli %last, %c64 : index
      tile.copy %k[%b, %h, %row] to %ring[%c0] signal %full[%c0] : memref<?x?x?x64xbf16, strided<[?, ?, ?, 1]>>, !tile.ring<1, 64x64xbf16>, !tile.barriers<1>
    } consumers(1) {
      %table = tile.tabulate %c0 to %keys {
      ^bb0(%block: index):
        %some = arith.cmpi sgt, %block, %t : index
        tile.kind present %some full %some
      }
      %all = tile.is_full_block %table[%h]
      scf.if %all {
        tile.store %init, %lse[%b, %h, %t] : tensor<64xf32, #tile.layout<row, warpgroups = 1>>, memref<?x?x?xf32, strided<[?, ?, ?]>>
      }
    }
  }
  return
}
