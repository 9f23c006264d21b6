// RUN: not attn-opt %s --convert-tile-to-cpu 2>&1 | FileCheck %s

func.func @kernel(%q: memref<?x?x?x16xbf16, strided<[?, ?, ?, 1]>>) attributes {tile.plan = #tile.plan<target = "cpu", query_tile = 16, kv_tile = 32, warpgroups = 0, stages = 0, overlap = false, ping_pong = false>} {
  %c1 = arith.constant 1 : index
  scf.forall (%b, %h, %t) in (%c1, %c1, %c1) {
    // CHECK: error: 'tile.load' op expects a tile that products alone read
    %query = tile.load %q[%b, %h, %t] : memref<?x?x?x16xbf16, strided<[?, ?, ?, 1]>> -> tensor<16x16xbf16>
    %x = arith.addf %query, %query : tensor<16x16xbf16>
  }
  return
}
