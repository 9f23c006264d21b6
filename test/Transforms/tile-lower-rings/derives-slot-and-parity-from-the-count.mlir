// RUN: attn-opt %s --pass-pipeline='builtin.module(func.func(tile-lower-rings),canonicalize)' | FileCheck %s

// CHECK-LABEL: func.func @ring
// CHECK: %[[RING:.*]] = tile.alloc_ring : <3, 64x64xf16>
// CHECK: %[[FULL:.*]] = tile.alloc_barriers arrivals 1 : <3>
// CHECK: %[[EMPTY:.*]] = tile.alloc_barriers arrivals 2 : <3>
func.func @ring(%k: memref<?x8x?x64xf16, strided<[?, ?, ?, 1]>>, %b: index, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %ring = tile.alloc_ring : !tile.ring<3, 64x64xf16>
  tile.roles registers(24, 240) producer {
    // CHECK: scf.for %[[I:.*]] =
    // CHECK-DAG: %[[SLOT:.*]] = arith.remui %[[I]], %c3
    // CHECK-DAG: %[[ROUND:.*]] = arith.divui %[[I]], %c3
    // CHECK: %[[PARITY:.*]] = arith.andi %[[ROUND]], %c1
    // CHECK: %[[FREE:.*]] = arith.xori %[[PARITY]], %c1
    // CHECK: tile.wait %[[EMPTY]][%[[SLOT]]] parity %[[FREE]]
    // CHECK: tile.copy %{{.*}} to %[[RING]][%[[SLOT]]] signal %[[FULL]][%[[SLOT]]]
    scf.for %i = %c0 to %n step %c1 {
      tile.put %k, %ring[%i] from [%b, %b, %i] : memref<?x8x?x64xf16, strided<[?, ?, ?, 1]>>, !tile.ring<3, 64x64xf16>
    }
  } consumers(2) {
    // CHECK: scf.for %[[J:.*]] =
    // CHECK: tile.wait %[[FULL]][%[[S:.*]]] parity %{{.*}} : <3>
    // CHECK: tile.view %[[RING]][%{{.*}}] : <3, 64x64xf16> -> <64x64xf16>
    // CHECK: tile.arrive %[[EMPTY]][%{{.*}}] : <3>
    scf.for %j = %c0 to %n step %c1 {
      tile.wait_full %ring[%j] : !tile.ring<3, 64x64xf16>
      %t = tile.slot %ring[%j] : !tile.ring<3, 64x64xf16> -> !tile.shared<64x64xf16>
      %s = tile.issue_mma %t, %t transpose_b : !tile.shared<64x64xf16>, !tile.shared<64x64xf16>
          -> !tile.pending<tensor<64x64xf32, #tile.layout<accumulator, warpgroups = 1>>>
      %a = tile.await %s : !tile.pending<tensor<64x64xf32, #tile.layout<accumulator, warpgroups = 1>>>
      tile.release %ring[%j] : !tile.ring<3, 64x64xf16>
    }
  }
  return
}
