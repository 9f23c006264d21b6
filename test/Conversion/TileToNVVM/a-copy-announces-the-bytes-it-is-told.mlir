// RUN: attn-opt %s --convert-tile-to-nvvm --cse | FileCheck %s

// A copy that is told how many bytes to announce announces these, and not the bytes of its slot.
// CHECK-LABEL: llvm.func @kernel
// CHECK: mbarrier.arrive.expect_tx.shared::cta.b64 _, [$0], $1;{{.*}} %c4096_i32
// CHECK: nvvm.cp.async.bulk.tensor.shared.cluster.global
func.func @kernel(%k: memref<?x?x?x64xbf16, strided<[?, ?, ?, 1]>>) attributes {tile.plan = #tile.plan<target = "sm_90a", query_tile = 64, kv_tile = 48, warpgroups = 1, stages = 2, overlap = true, ping_pong = false>} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.forall (%b, %h, %t) in (%c1, %c1, %c1) {
    %ring = tile.alloc_ring at 2048 : !tile.ring<2, 48x64xbf16>
    %full = tile.alloc_barriers arrivals 1 at 26624 : !tile.barriers<2>
    tile.roles registers(24, 240) producer {
      tile.copy %k[%b, %h, %t] to %ring[%c1] signal %full[%c1] bytes 4096 : memref<?x?x?x64xbf16, strided<[?, ?, ?, 1]>>, !tile.ring<2, 48x64xbf16>, !tile.barriers<2>
    } consumers(1) {
    }
  }
  return
}
