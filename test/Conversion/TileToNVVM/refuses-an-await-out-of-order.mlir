// RUN: attn-opt %s --convert-tile-to-nvvm --split-input-file --verify-diagnostics

// Awaiting a product awaits all issued before it, so those cannot be awaited again.
func.func @kernel(%lse: memref<?x?x?xf32, strided<[?, ?, ?]>>) attributes {tile.plan = #tile.plan<target = "sm_90a", query_tile = 64, kv_tile = 64, warpgroups = 1, stages = 2, overlap = true, ping_pong = false>} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.forall (%b, %h, %t) in (%c1, %c1, %c1) {
    %query = tile.alloc_ring at 0 : !tile.ring<1, 64x16xbf16>
    %keys = tile.alloc_ring at 8192 : !tile.ring<1, 16x16xbf16>
    tile.roles registers(24, 240) producer {
    } consumers(1) {
      %q = tile.view %query[%c0] : !tile.ring<1, 64x16xbf16> -> !tile.shared<64x16xbf16>
      %k = tile.view %keys[%c0] : !tile.ring<1, 16x16xbf16> -> !tile.shared<16x16xbf16>
      %p0 = tile.issue_mma %q, %k transpose_b : !tile.shared<64x16xbf16>, !tile.shared<16x16xbf16> -> !tile.pending<tensor<64x16xf32, #tile.layout<accumulator, warpgroups = 1>>>
      %p1 = tile.issue_mma %q, %k transpose_b : !tile.shared<64x16xbf16>, !tile.shared<16x16xbf16> -> !tile.pending<tensor<64x16xf32, #tile.layout<accumulator, warpgroups = 1>>>
      %s1 = tile.await %p1 : !tile.pending<tensor<64x16xf32, #tile.layout<accumulator, warpgroups = 1>>>
      // expected-error @below {{expects a product issued in the same block and not awaited yet}}
      %s0 = tile.await %p0 : !tile.pending<tensor<64x16xf32, #tile.layout<accumulator, warpgroups = 1>>>
    }
  }
  return
}
