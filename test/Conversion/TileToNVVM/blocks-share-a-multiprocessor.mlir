// RUN: attn-opt %s --convert-tile-to-nvvm --cse | FileCheck %s

// The assembler keeps the registers of a thread so few that two blocks are there at once; what the producer gives away then
// suffices for the consumer's claim.
// CHECK-LABEL: llvm.func @kernel
// CHECK-SAME: nvvm.minctasm = 2 : i32, nvvm.reqntid = array<i32: 256, 1, 1>
// CHECK: setmaxnreg.dec.sync.aligned.u32 24;
// CHECK: setmaxnreg.inc.sync.aligned.u32 232;
func.func @kernel(%lse: memref<?x?x?xf32, strided<[?, ?, ?]>>) attributes {tile.plan = #tile.plan<target = "sm_90a", query_tile = 64, kv_tile = 64, warpgroups = 1, stages = 3, overlap = true, ping_pong = false, residency = 2>} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.forall (%b, %h, %t) in (%c1, %c1, %c1) {
    %barriers = tile.alloc_barriers arrivals 1 at 0 : !tile.barriers<1>
    tile.roles registers(24, 232) producer {
      tile.wait %barriers[%b] parity %h : !tile.barriers<1>
    } consumers(1) {
    }
  }
  return
}
