// RUN: attn-opt %s --convert-tile-to-nvvm --cse | FileCheck %s

// Blocks start in the order of their number. Of T tiles and H heads over all batches, the first H numbers get tile 0; behind
// them, number n gets tile T-1 - n / H of head n mod H.
// CHECK-LABEL: llvm.func @kernel
// CHECK: %[[Z:.*]] = nvvm.read.ptx.sreg.ctaid.z
// CHECK: %[[Y:.*]] = nvvm.read.ptx.sreg.ctaid.y
// CHECK: %[[X:.*]] = nvvm.read.ptx.sreg.ctaid.x
// CHECK: %[[TILES:.*]] = nvvm.read.ptx.sreg.nctaid.x
// CHECK: %[[HEADS:.*]] = nvvm.read.ptx.sreg.nctaid.y
// CHECK: %[[BATCHES:.*]] = arith.muli %[[HEADS]], %[[Z]]
// CHECK: %[[LINE:.*]] = arith.addi %[[Y]], %[[BATCHES]]
// CHECK: %[[LINES:.*]] = arith.muli %[[TILES]], %[[LINE]]
// CHECK: %[[NUMBER:.*]] = arith.addi %[[X]], %[[LINES]]
// CHECK: %[[ALL:.*]] = arith.muli %[[HEADS]], %{{.*}}
// CHECK: %[[OTHERS:.*]] = arith.subi %[[TILES]], %{{.*}}
// CHECK: %[[FIRST:.*]] = arith.cmpi ult, %[[NUMBER]], %[[ALL]]
// CHECK: %[[BEHIND:.*]] = arith.subi %[[NUMBER]], %[[ALL]]
// CHECK: %[[OF:.*]] = arith.divui %[[BEHIND]], %[[ALL]]
// CHECK: %[[DONE:.*]] = arith.muli %[[OF]], %[[ALL]]
// CHECK: %[[REST:.*]] = arith.subi %[[BEHIND]], %[[DONE]]
// CHECK: %[[PLACE:.*]] = arith.subi %[[OTHERS]], %[[OF]]
// CHECK: %[[TILE:.*]] = arith.select %[[FIRST]], %{{.*}}, %[[PLACE]]
// CHECK: %[[ROW:.*]] = arith.select %[[FIRST]], %[[NUMBER]], %[[REST]]
// CHECK: %[[B:.*]] = arith.divui %[[ROW]], %[[HEADS]]
// CHECK: %[[H:.*]] = arith.subi %[[ROW]], %{{.*}}
// CHECK: cp.async.bulk.tensor.shared.cluster.global {{.*}} box[%{{.*}}, %[[TILE]], %[[H]], %[[B]]]
func.func @kernel(%k: memref<?x?x?x64xbf16, strided<[?, ?, ?, 1]>>) attributes {tile.global_first, tile.heads_together, tile.heavy_first, tile.plan = #tile.plan<target = "sm_90a", query_tile = 64, kv_tile = 64, warpgroups = 1, stages = 2, overlap = true, ping_pong = false, residency = 2>} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.forall (%b, %h, %t) in (%c1, %c1, %c1) {
    %ring = tile.alloc_ring at 0 : !tile.ring<1, 64x64xbf16>
    %full = tile.alloc_barriers arrivals 1 at 8192 : !tile.barriers<1>
    tile.roles registers(24, 232) producer {
      tile.copy %k[%b, %h, %t] to %ring[%c0] signal %full[%c0] : memref<?x?x?x64xbf16, strided<[?, ?, ?, 1]>>, !tile.ring<1, 64x64xbf16>, !tile.barriers<1>
    } consumers(1) {
    }
  }
  return
}
