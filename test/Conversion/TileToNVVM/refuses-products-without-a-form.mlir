// RUN: attn-opt %s --convert-tile-to-nvvm --split-input-file --verify-diagnostics

// wgmma has no form for f32 operands or for A in shared memory beside B in rows of keys.
func.func @kernel(%lse: memref<?x?x?xf32, strided<[?, ?, ?]>>) attributes {tile.plan = #tile.plan<target = "sm_90a", query_tile = 64, kv_tile = 64, warpgroups = 1, stages = 2, overlap = true, ping_pong = false>} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.forall (%b, %h, %t) in (%c1, %c1, %c1) {
    %query = tile.alloc_ring at 0 : !tile.ring<1, 64x16xf32>
    %keys = tile.alloc_ring at 8192 : !tile.ring<1, 16x16xf32>
    tile.roles registers(24, 240) producer {
    } consumers(1) {
      %q = tile.view %query[%c0] : !tile.ring<1, 64x16xf32> -> !tile.shared<64x16xf32>
      %k = tile.view %keys[%c0] : !tile.ring<1, 16x16xf32> -> !tile.shared<16x16xf32>
      // expected-error @below {{has no form on wgmma: expects 16-bit operands, the right one in shared memory, got '!tile.shared<64x16xf32>' and '!tile.shared<16x16xf32>'}}
      %p = tile.issue_mma %q, %k transpose_b : !tile.shared<64x16xf32>, !tile.shared<16x16xf32> -> !tile.pending<tensor<64x16xf32, #tile.layout<accumulator, warpgroups = 1>>>
      %s = tile.await %p : !tile.pending<tensor<64x16xf32, #tile.layout<accumulator, warpgroups = 1>>>
    }
  }
  return
}

// -----

// What stands beside values is a chunk of its own, so theirs are whole.
func.func @kernel(%lse: memref<?x?x?xf32, strided<[?, ?, ?]>>) attributes {tile.plan = #tile.plan<target = "sm_90a", query_tile = 64, kv_tile = 64, warpgroups = 1, stages = 2, overlap = true, ping_pong = false>} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %ones = tile.alloc_shared fill 1.0 at 2048 : !tile.shared<16x8xbf16>
  %weights = arith.constant dense<1.0> : tensor<64x16xf32, #tile.layout<accumulator, warpgroups = 1>>
  scf.forall (%b, %h, %t) in (%c1, %c1, %c1) {
    %values = tile.alloc_ring at 0 : !tile.ring<1, 16x48xbf16>
    tile.roles registers(24, 240) producer {
    } consumers(1) {
      %p = arith.truncf %weights : tensor<64x16xf32, #tile.layout<accumulator, warpgroups = 1>> to tensor<64x16xbf16, #tile.layout<accumulator, warpgroups = 1>>
      %a = tile.convert_layout %p : tensor<64x16xbf16, #tile.layout<accumulator, warpgroups = 1>> -> tensor<64x16xbf16, #tile.layout<operand, warpgroups = 1>>
      %v = tile.view %values[%c0] : !tile.ring<1, 16x48xbf16> -> !tile.shared<16x48xbf16>
      // expected-error @below {{has no form on wgmma: expects 64 columns where an operand stands beside them, got '!tile.shared<16x48xbf16>'}}
      %n = tile.issue_mma %a, %v beside %ones : tensor<64x16xbf16, #tile.layout<operand, warpgroups = 1>>, !tile.shared<16x48xbf16>, !tile.shared<16x8xbf16> -> !tile.pending<tensor<64x56xf32, #tile.layout<accumulator, warpgroups = 1>>>
      %o = tile.await %n : !tile.pending<tensor<64x56xf32, #tile.layout<accumulator, warpgroups = 1>>>
    }
  }
  return
}

// -----

// The stride from values to what stands beside them has no sign.
func.func @kernel(%lse: memref<?x?x?xf32, strided<[?, ?, ?]>>) attributes {tile.plan = #tile.plan<target = "sm_90a", query_tile = 64, kv_tile = 64, warpgroups = 1, stages = 2, overlap = true, ping_pong = false>} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %ones = tile.alloc_shared fill 1.0 at 0 : !tile.shared<16x8xbf16>
  %weights = arith.constant dense<1.0> : tensor<64x16xf32, #tile.layout<accumulator, warpgroups = 1>>
  scf.forall (%b, %h, %t) in (%c1, %c1, %c1) {
    %values = tile.alloc_ring at 2048 : !tile.ring<1, 16x64xbf16>
    tile.roles registers(24, 240) producer {
    } consumers(1) {
      %p = arith.truncf %weights : tensor<64x16xf32, #tile.layout<accumulator, warpgroups = 1>> to tensor<64x16xbf16, #tile.layout<accumulator, warpgroups = 1>>
      %a = tile.convert_layout %p : tensor<64x16xbf16, #tile.layout<accumulator, warpgroups = 1>> -> tensor<64x16xbf16, #tile.layout<operand, warpgroups = 1>>
      %v = tile.view %values[%c0] : !tile.ring<1, 16x64xbf16> -> !tile.shared<16x64xbf16>
      // expected-error @below {{expects what stands beside its right operand to lie in shared memory behind the ring of that operand}}
      %n = tile.issue_mma %a, %v beside %ones : tensor<64x16xbf16, #tile.layout<operand, warpgroups = 1>>, !tile.shared<16x64xbf16>, !tile.shared<16x8xbf16> -> !tile.pending<tensor<64x72xf32, #tile.layout<accumulator, warpgroups = 1>>>
      %o = tile.await %n : !tile.pending<tensor<64x72xf32, #tile.layout<accumulator, warpgroups = 1>>>
    }
  }
  return
}
