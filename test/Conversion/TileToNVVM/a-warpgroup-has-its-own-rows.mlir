// RUN: attn-opt %s --convert-tile-to-nvvm --cse --split-input-file --verify-diagnostics | FileCheck %s

// 64 rows a warpgroup; its own end, but at most the whole and at most two fewer, or nothing where the end is below 1.
// CHECK-LABEL: llvm.func @kernel
// CHECK: setmaxnreg.inc
// CHECK: %[[CONSUMER:.*]] = arith.subi %{{.*}}, %c1_i32
// CHECK: %[[ROW:.*]] = arith.muli %[[CONSUMER]], %c64_i32
// CHECK: %[[WHOLE:.*]] = arith.addi %{{.*}}, %c100_i32
// CHECK: %[[FEW:.*]] = arith.subi %[[WHOLE]], %c2_i32
// CHECK: %[[LEAST:.*]] = arith.maxsi %[[FEW]], %c0_i32
// CHECK: %[[MOST:.*]] = arith.maxsi %[[ROW]], %[[LEAST]]
// CHECK: %[[BOUND:.*]] = arith.minsi %[[MOST]], %[[WHOLE]]
// CHECK: %[[ANY:.*]] = arith.cmpi sgt, %[[ROW]], %c0_i32
// CHECK: %[[OWN:.*]] = arith.select %[[ANY]], %[[BOUND]], %c0_i32
// CHECK: scf.for %{{.*}} = %c0_i32{{.*}} to %[[OWN]]
func.func @kernel(%lse: memref<?x?x?xf32, strided<[?, ?, ?]>>) attributes {tile.plan = #tile.plan<target = "sm_90a", query_tile = 128, kv_tile = 64, warpgroups = 2, stages = 2, overlap = true, ping_pong = false, ascending = true, own_ends = true>} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c100 = arith.constant 100 : index
  %rows = tile.alloc_barriers arrivals 1 at 0 : !tile.barriers<1>
  scf.forall (%b, %h, %t) in (%c1, %c1, %c1) {
    tile.roles registers(24, 240) producer {
    } consumers(2) {
      %row = tile.own_row
      %whole = arith.addi %t, %c100 : index
      %bound = tile.own_bound %row of %whole, 2 fewer
      scf.for %i = %c0 to %bound step %c1 {
        tile.arrive %rows[%c0] : !tile.barriers<1>
      }
    }
  }
  return
}

// -----

func.func @producer() attributes {tile.plan = #tile.plan<target = "sm_90a", query_tile = 128, kv_tile = 64, warpgroups = 2, stages = 2, overlap = true, ping_pong = false>} {
  tile.roles registers(24, 240) producer {
    // expected-error @+1 {{expects to stand in the consumers of a tile.roles: no other role has rows}}
    %row = tile.own_row
  } consumers(2) {
  }
  return
}
