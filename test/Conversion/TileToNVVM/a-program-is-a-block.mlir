// RUN: attn-opt %s --convert-tile-to-nvvm --cse | FileCheck %s

// Batch, head and query tile of a program are the z, y and x of its block.
// CHECK-LABEL: llvm.func @kernel
// CHECK-DAG: %[[B:.*]] = nvvm.read.ptx.sreg.ctaid.z
// CHECK-DAG: %[[H:.*]] = nvvm.read.ptx.sreg.ctaid.y
// CHECK-DAG: %[[T:.*]] = nvvm.read.ptx.sreg.ctaid.x
// CHECK: cp.async.bulk.tensor.shared.cluster.global {{.*}} box[%{{.*}}, %[[T]], %[[H]], %[[B]]]
func.func @kernel(%k: memref<?x?x?x64xbf16, strided<[?, ?, ?, 1]>>) attributes {tile.plan = #tile.plan<target = "sm_90a", query_tile = 64, kv_tile = 64, warpgroups = 1, stages = 2, overlap = true, ping_pong = false>} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.forall (%b, %h, %t) in (%c1, %c1, %c1) {
    %ring = tile.alloc_ring at 0 : !tile.ring<1, 64x64xbf16>
    %full = tile.alloc_barriers arrivals 1 at 8192 : !tile.barriers<1>
    tile.roles registers(24, 240) producer {
      tile.copy %k[%b, %h, %t] to %ring[%c0] signal %full[%c0] : memref<?x?x?x64xbf16, strided<[?, ?, ?, 1]>>, !tile.ring<1, 64x64xbf16>, !tile.barriers<1>
    } consumers(1) {
    }
  }
  return
}
