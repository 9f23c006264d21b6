// RUN: attn-opt %s --convert-tile-to-nvvm --split-input-file --verify-diagnostics

func.func @kernel(%k: memref<?x?x?x64xbf16, strided<[?, ?, ?, 1]>>) attributes {tile.plan = #tile.plan<target = "sm_90a", query_tile = 64, kv_tile = 64, warpgroups = 1, stages = 2, overlap = true, ping_pong = false>} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.forall (%b, %h, %t) in (%c1, %c1, %c1) {
    tile.roles registers(24, 240) producer {
    } consumers(1) {
      // expected-error @below {{has no lowering to a GPU at this stage}}
      %x = tile.load %k[%b, %h, %t] : memref<?x?x?x64xbf16, strided<[?, ?, ?, 1]>> -> !tile.shared<64x64xbf16>
    }
  }
  return
}
