// RUN: not attn-opt %s --convert-tile-to-nvvm 2>&1 | FileCheck %s

// CHECK: error: 'tile.search' op expects to stand where the lanes of a warp look for one value, got the body of a table
func.func @kernel(%ids: memref<?xi32, strided<[?]>>, %lse: memref<?x?x?xf32, strided<[?, ?, ?]>>) attributes {tile.plan = #tile.plan<target = "sm_90a", query_tile = 64, kv_tile = 64, warpgroups = 1, stages = 2, overlap = true, ping_pong = false>} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %n = arith.constant 9 : index
  scf.forall (%b, %h, %t) in (%c1, %c1, %c1) {
    %table = tile.tabulate %c0 to %n {
    ^bb0(%block: index):
      %found = tile.search %ids[] from %c0 to %n for %block : memref<?xi32, strided<[?]>>
      %some = arith.cmpi sgt, %found, %t : index
      tile.kind present %some full %some
    }
    tile.roles registers(24, 240) producer {
    } consumers(1) {
    }
  }
  return
}
