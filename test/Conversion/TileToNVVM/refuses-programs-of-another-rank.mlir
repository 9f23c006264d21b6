// RUN: attn-opt %s --convert-tile-to-nvvm --split-input-file --verify-diagnostics

func.func @kernel(%lse: memref<?x?x?xf32, strided<[?, ?, ?]>>) attributes {tile.plan = #tile.plan<target = "sm_90a", query_tile = 64, kv_tile = 64, warpgroups = 1, stages = 2, overlap = true, ping_pong = false>} {
  %c1 = arith.constant 1 : index
  // expected-error @below {{expects programs numbered by batch, head and query tile, got rank 2}}
  scf.forall (%b, %t) in (%c1, %c1) {
  }
  return
}
