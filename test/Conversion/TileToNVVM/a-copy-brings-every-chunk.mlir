// RUN: attn-opt %s --convert-tile-to-nvvm --cse | FileCheck %s

// A slot of 80 columns is two chunks of 128 bytes a row. The barrier is told the bytes of the whole slot; then each chunk is
// copied from its own coordinates (column, row, head, batch), which the tensor map bounds.
// CHECK-LABEL: llvm.func @kernel
// CHECK-SAME: %[[MAP:.*]]: !llvm.ptr {llvm.align = 64
// CHECK: %[[RING:.*]] = arith.addi %{{.*}}, %c2048_i32
// CHECK: %[[FULL:.*]] = arith.addi %{{.*}}, %c26624_i32
// CHECK: setmaxnreg.dec
// CHECK: %[[BARRIER:.*]] = arith.addi %[[FULL]], %{{.*}}
// CHECK: %[[BEFORE:.*]] = arith.muli %c1_i32, %c12288_i32
// CHECK: %[[SLOT:.*]] = arith.addi %[[RING]], %[[BEFORE]]
// CHECK: mbarrier.arrive.expect_tx.shared::cta.b64 _, [$0], $1;{{.*}} %[[BARRIER]], %c12288_i32
// CHECK: %[[CHUNK0:.*]] = arith.addi %[[SLOT]], %c0_i32
// CHECK: %[[TARGET0:.*]] = llvm.inttoptr %[[CHUNK0]]
// CHECK: %[[CLUSTER0:.*]] = llvm.addrspacecast %[[TARGET0]]
// CHECK: nvvm.cp.async.bulk.tensor.shared.cluster.global %[[CLUSTER0]], %[[MAP]], %[[SIGNAL:.*]], box[%c0_i32,
// CHECK: %[[CHUNK1:.*]] = arith.addi %[[SLOT]], %c6144_i32
// CHECK: %[[TARGET1:.*]] = llvm.inttoptr %[[CHUNK1]]
// CHECK: %[[CLUSTER1:.*]] = llvm.addrspacecast %[[TARGET1]]
// CHECK: nvvm.cp.async.bulk.tensor.shared.cluster.global %[[CLUSTER1]], %[[MAP]], {{.*}}, box[%c64_i32,
// CHECK-NOT: nvvm.cp.async
func.func @kernel(%k: memref<?x?x?x80xbf16, strided<[?, ?, ?, 1]>>) attributes {tile.plan = #tile.plan<target = "sm_90a", query_tile = 64, kv_tile = 48, warpgroups = 1, stages = 2, overlap = true, ping_pong = false>} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.forall (%b, %h, %t) in (%c1, %c1, %c1) {
    %ring = tile.alloc_ring at 2048 : !tile.ring<2, 48x80xbf16>
    %full = tile.alloc_barriers arrivals 1 at 26624 : !tile.barriers<2>
    tile.roles registers(24, 240) producer {
      tile.copy %k[%b, %h, %t] to %ring[%c1] signal %full[%c1] : memref<?x?x?x80xbf16, strided<[?, ?, ?, 1]>>, !tile.ring<2, 48x80xbf16>, !tile.barriers<2>
    } consumers(1) {
    }
  }
  return
}
