// RUN: attn-opt %s --convert-tile-to-nvvm --cse | FileCheck %s

// Of a slot of 48 rows that two blocks fill, block r copies rows 24 r to 24 r + 23 to both, a box of the tensor map. The
// barrier is told the bytes of the whole slot. Lane i of each warp arrives at block i, whose shared memory it has found once;
// barriers are seen by the cluster before any role starts, and no block ends before the others have told it all.
// CHECK: func.func private @kernel
// CHECK-SAME: tile.boxes = array<i32: 24, 64>
// CHECK-LABEL: llvm.func @kernel
// CHECK-SAME: nvvm.cluster_dim = array<i32: 2, 1, 1>
// CHECK: %[[HERE:.*]] = llvm.ptrtoint
// CHECK: %[[LANE:.*]] = arith.andi %{{.*}}, %c31_i32
// CHECK: %[[PEER:.*]] = arith.andi %[[LANE]], %c1_i32
// CHECK: %[[THERE:.*]] = llvm.inline_asm asm_dialect = att "mapa.shared::cluster.u32 $0, $1, $2;", "=r,r,r" %[[HERE]], %[[PEER]]
// CHECK: "mbarrier.init.shared::cta.b64 [$0], $1;", "r,r" %{{.*}}, %c8_i32
// CHECK: barrier.cluster.arrive.relaxed;{{.*}}barrier.cluster.wait.acquire;
// CHECK: mbarrier.arrive.expect_tx.shared::cta.b64 _, [$0], $1;{{.*}} %c6144_i32
// CHECK: %[[RANK:.*]] = llvm.inline_asm has_side_effects asm_dialect = att "mov.u32 $0, %cluster_ctarank;"
// CHECK: %[[FIRST:.*]] = arith.muli %[[RANK]], %c24_i32
// CHECK: %[[ROW:.*]] = arith.addi %{{.*}}, %[[FIRST]]
// CHECK: %[[BYTES:.*]] = arith.muli %[[RANK]], %c3072_i32
// CHECK: %[[PART:.*]] = arith.addi %{{.*}}, %[[BYTES]]
// CHECK: nvvm.cp.async.bulk.tensor.shared.cluster.global {{.*}} box[%c0_i32, %[[ROW]], {{.*}} multicast_mask = %c3_i16
// CHECK: %[[OFFSET:.*]] = arith.subi %{{.*}}, %[[HERE]]
// CHECK: %[[BARRIER:.*]] = arith.addi %[[THERE]], %[[OFFSET]]
// CHECK: setp.lt.u32 p, $1, $2;{{.*}}@p mbarrier.arrive.shared::cluster.b64 _, [$0];{{.*}} %[[BARRIER]], %[[LANE]], %c2_i32
// CHECK: barrier.cluster.arrive.relaxed;{{.*}}barrier.cluster.wait.acquire;
// CHECK-NEXT: llvm.return
func.func @kernel(%k: memref<?x?x?x64xbf16, strided<[?, ?, ?, 1]>>) attributes {tile.plan = #tile.plan<target = "sm_90a", query_tile = 64, kv_tile = 48, warpgroups = 1, stages = 2, overlap = true, ping_pong = false, persistent = true, cluster = 2>} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %ring = tile.alloc_ring at 2048 : !tile.ring<2, 48x64xbf16>
  %full = tile.alloc_barriers arrivals 1 at 26624 : !tile.barriers<2>
  %empty = tile.alloc_barriers arrivals 2 at 26640 : !tile.barriers<2>
  tile.roles registers(24, 240) producer {
    tile.copy %k[%c0, %c0, %c0] to %ring[%c1] signal %full[%c1] bytes 6144 multicast 2 : memref<?x?x?x64xbf16, strided<[?, ?, ?, 1]>>, !tile.ring<2, 48x64xbf16>, !tile.barriers<2>
  } consumers(1) {
    tile.arrive %empty[%c1] multicast 2 : !tile.barriers<2>
  }
  return
}
