// RUN: attn-opt %s --convert-tile-to-nvvm --cse --split-input-file | FileCheck %s

// Of X blocks and H heads over all batches, the first 4 H numbers n are part n mod 4 of 4 of tile 0 of head n / 4. Behind them
// number m = n - 4 H is tile X-4 - m mod (X-4) of head m / (X-4), whole (part 0 of 1) where there is such a tile, else nothing
// (part 1 of 1).
// CHECK-LABEL: llvm.func @kernel
// CHECK-SAME: nvvm.cluster_dim = array<i32: 4, 1, 1>
// CHECK: llvm.getelementptr %{{.*}}[11]
// CHECK: %[[TILES:.*]] = arith.trunci
// CHECK: %[[X:.*]] = nvvm.read.ptx.sreg.nctaid.x
// CHECK: nvvm.read.ptx.sreg.nctaid.z
// CHECK: %[[ALL:.*]] = arith.muli
// CHECK: %[[FOUR:.*]] = arith.constant 4 : i32
// CHECK: %[[OTHERS:.*]] = arith.subi %[[X]], %[[FOUR]]
// CHECK: %[[FIRSTS:.*]] = arith.muli %[[ALL]], %[[FOUR]]
// CHECK: %[[FIRST:.*]] = arith.cmpi ult, %[[NUMBER:[0-9]+]], %[[FIRSTS]]
// CHECK: %[[BEHIND:.*]] = arith.subi %[[NUMBER]], %[[FIRSTS]]
// CHECK: %[[WIDTH:.*]] = arith.maxui %[[OTHERS]],
// CHECK: %[[LINE:.*]] = arith.divui %[[BEHIND]], %[[WIDTH]]
// CHECK: %[[DONE:.*]] = arith.muli %[[LINE]], %[[WIDTH]]
// CHECK: %[[REST:.*]] = arith.subi %[[BEHIND]], %[[DONE]]
// CHECK: %[[PLACE:.*]] = arith.subi %[[OTHERS]], %[[REST]]
// CHECK: %[[OF:.*]] = arith.divui %[[NUMBER]], %[[FOUR]]
// CHECK: %[[WHOLE:.*]] = arith.muli %[[OF]], %[[FOUR]]
// CHECK: %[[RANK:.*]] = arith.subi %[[NUMBER]], %[[WHOLE]]
// CHECK: %[[IS:.*]] = arith.cmpi ult, %[[PLACE]], %[[TILES]]
// CHECK: %[[ALONE:.*]] = arith.select %[[IS]], %c0_i32, %c1_i32
// CHECK: %[[PART:.*]] = arith.select %[[FIRST]], %[[RANK]], %[[ALONE]]
// CHECK: %[[COUNT:.*]] = arith.select %[[FIRST]], %[[FOUR]], %c1_i32
// CHECK: %[[TILE:.*]] = arith.select %[[FIRST]], %c0_i32, %[[PLACE]]
// CHECK: %[[HEAD:.*]] = arith.select %[[FIRST]], %[[OF]], %[[LINE]]
// CHECK: arith.divui %[[HEAD]],
// CHECK: cp.async.bulk.tensor.shared.cluster.global {{.*}} box[%{{.*}}, %[[TILE]], %[[COUNT]], %[[PART]]]
func.func @kernel(%k: memref<?x?x?x64xbf16, strided<[?, ?, ?, 1]>>, %out: memref<?x?x?xf32, strided<[?, ?, ?]>>) attributes {tile.global_first, tile.heavy_first, tile.plan = #tile.plan<target = "sm_90a", query_tile = 64, kv_tile = 64, warpgroups = 1, stages = 2, overlap = true, ping_pong = false, split = 4>} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %tiles = memref.dim %out, %c1 : memref<?x?x?xf32, strided<[?, ?, ?]>>
  scf.forall (%b, %h, %t) in (%c1, %c1, %tiles) {
    %ring = tile.alloc_ring at 0 : !tile.ring<1, 64x64xbf16>
    %full = tile.alloc_barriers arrivals 1 at 8192 : !tile.barriers<1>
    %number, %count = tile.part
    tile.roles registers(24, 240) producer {
      tile.copy %k[%number, %count, %t] to %ring[%c0] signal %full[%c0] : memref<?x?x?x64xbf16, strided<[?, ?, ?, 1]>>, !tile.ring<1, 64x64xbf16>, !tile.barriers<1>
    } consumers(1) {
    }
  }
  return
}
