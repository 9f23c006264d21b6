// RUN: attn-opt %s --convert-tile-to-nvvm --cse | FileCheck %s

// A wait polls its barrier for a parity. Of each warp that releases a slot, only lane 0 arrives.
// CHECK-LABEL: llvm.func @kernel
// CHECK: %[[THREAD:.*]] = nvvm.read.ptx.sreg.tid.x
// CHECK: %[[LANE:.*]] = arith.andi %[[THREAD]], %c31_i32
// CHECK: %[[FULL:.*]] = arith.addi %{{.*}}, %c1024_i32
// CHECK: %[[EMPTY:.*]] = arith.addi %{{.*}}, %c1040_i32
// CHECK: setmaxnreg.inc
// CHECK: %[[OFFSET:.*]] = arith.muli %c1_i32, %c8_i32
// CHECK: %[[FULL1:.*]] = arith.addi %[[FULL]], %[[OFFSET]]
// CHECK: mbarrier.try_wait.parity.shared::cta.b64 p, [$0], $1;{{.*}}"r,r,~{memory}" %[[FULL1]], %c0_i32
// CHECK: %[[EMPTY1:.*]] = arith.addi %[[EMPTY]], %[[OFFSET]]
// CHECK: setp.eq.u32 p, $1, 0;{{.*}}@p mbarrier.arrive.shared::cta.b64 _, [$0];{{.*}}"r,r,~{memory}" %[[EMPTY1]], %[[LANE]]
func.func @kernel(%lse: memref<?x?x?xf32, strided<[?, ?, ?]>>) attributes {tile.plan = #tile.plan<target = "sm_90a", query_tile = 64, kv_tile = 64, warpgroups = 1, stages = 2, overlap = true, ping_pong = false>} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.forall (%b, %h, %t) in (%c1, %c1, %c1) {
    %full = tile.alloc_barriers arrivals 1 at 1024 : !tile.barriers<2>
    %empty = tile.alloc_barriers arrivals 1 at 1040 : !tile.barriers<2>
    tile.roles registers(24, 240) producer {
    } consumers(1) {
      tile.wait %full[%c1] parity %c0 : !tile.barriers<2>
      tile.arrive %empty[%c1] : !tile.barriers<2>
    }
  }
  return
}
