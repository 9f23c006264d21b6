// RUN: attn-opt %s --convert-tile-to-nvvm --cse | FileCheck %s

// A producer that searches is a whole warp, whose first lane alone waits and copies.
// CHECK-LABEL: llvm.func @kernel
// CHECK: %[[THREAD:.*]] = nvvm.read.ptx.sreg.tid.x
// CHECK: %[[LANE:.*]] = arith.andi %[[THREAD]], %c31_i32
// CHECK: setmaxnreg.dec
// CHECK: %[[WARP:.*]] = arith.cmpi ult, %[[THREAD]], %c32_i32
// CHECK: scf.if %[[WARP]] {
// CHECK: scf.while
// CHECK: nvvm.vote.sync ballot
// CHECK: %[[FIRST:.*]] = arith.cmpi eq, %[[LANE]], %c0_i32
// CHECK: scf.if %[[FIRST]] {
// CHECK: mbarrier.arrive.expect_tx
// CHECK: nvvm.cp.async.bulk.tensor
// CHECK: } else {
// CHECK: setmaxnreg.inc

// One that is led by a search in front of the roles is a thread.
// CHECK-LABEL: llvm.func @before
// CHECK: %[[THREAD:.*]] = nvvm.read.ptx.sreg.tid.x
// CHECK: %[[ONE:.*]] = arith.cmpi eq, %[[THREAD]], %c0_i32
// CHECK: scf.while
// CHECK: nvvm.vote.sync ballot
// CHECK: setmaxnreg.dec
// CHECK: scf.if %[[ONE]] {
// CHECK-NOT: scf.if
// CHECK: mbarrier.arrive.expect_tx
func.func @kernel(%k: memref<?x?x?x64xbf16, strided<[?, ?, ?, 1]>>, %ids: memref<?xi32, strided<[?]>>) attributes {tile.plan = #tile.plan<target = "sm_90a", query_tile = 64, kv_tile = 64, warpgroups = 1, stages = 2, overlap = true, ping_pong = false>} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %n = arith.constant 9 : index
  scf.forall (%b, %h, %t) in (%c1, %c1, %c1) {
    %ring = tile.alloc_ring at 0 : !tile.ring<1, 64x64xbf16>
    %full = tile.alloc_barriers arrivals 1 at 8192 : !tile.barriers<1>
    tile.roles registers(24, 240) producer {
      %row = tile.search %ids[] from %c0 to %n for %t : memref<?xi32, strided<[?]>>
      tile.copy %k[%b, %h, %row] to %ring[%c0] signal %full[%c0] : memref<?x?x?x64xbf16, strided<[?, ?, ?, 1]>>, !tile.ring<1, 64x64xbf16>, !tile.barriers<1>
    } consumers(1) {
    }
  }
  return
}

func.func @before(%k: memref<?x?x?x64xbf16, strided<[?, ?, ?, 1]>>, %ids: memref<?xi32, strided<[?]>>) attributes {tile.plan = #tile.plan<target = "sm_90a", query_tile = 64, kv_tile = 64, warpgroups = 1, stages = 2, overlap = true, ping_pong = false>} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %n = arith.constant 9 : index
  scf.forall (%b, %h, %t) in (%c1, %c1, %c1) {
    %ring = tile.alloc_ring at 0 : !tile.ring<1, 64x64xbf16>
    %full = tile.alloc_barriers arrivals 1 at 8192 : !tile.barriers<1>
    %row = tile.search %ids[] from %c0 to %n for %t : memref<?xi32, strided<[?]>>
    tile.roles registers(24, 240) producer {
      tile.copy %k[%b, %h, %row] to %ring[%c0] signal %full[%c0] : memref<?x?x?x64xbf16, strided<[?, ?, ?, 1]>>, !tile.ring<1, 64x64xbf16>, !tile.barriers<1>
    } consumers(1) {
    }
  }
  return
}
