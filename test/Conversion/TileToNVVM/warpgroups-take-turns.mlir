// RUN: attn-opt %s --convert-tile-to-nvvm --cse | FileCheck %s

// A warpgroup waits at its own named barrier and arrives at its successor's, in a ring; the last one gives the first turn.
// CHECK-LABEL: llvm.func @kernel
// CHECK: setmaxnreg.inc
// CHECK: %[[CONSUMER:.*]] = arith.subi %{{.*}}, %c1_i32
// CHECK: %[[LAST:.*]] = arith.cmpi eq, %[[CONSUMER]], %c1_i32
// CHECK: scf.if %[[LAST]] {
// CHECK-NEXT: bar.arrive 1, 256;
// CHECK: %[[OWN:.*]] = arith.addi %[[CONSUMER]], %c1_i32
// CHECK: "bar.sync $0, 256;"{{.*}} %[[OWN]]
// CHECK: %[[NEXT:.*]] = arith.select %{{.*}}, %c0_i32, %{{.*}}
// CHECK: %[[NUMBER:.*]] = arith.addi %[[NEXT]], %c1_i32
// CHECK: "bar.arrive $0, 256;"{{.*}} %[[NUMBER]]
func.func @kernel(%lse: memref<?x?x?xf32, strided<[?, ?, ?]>>) attributes {tile.plan = #tile.plan<target = "sm_90a", query_tile = 128, kv_tile = 64, warpgroups = 2, stages = 2, overlap = true, ping_pong = true>} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.forall (%b, %h, %t) in (%c1, %c1, %c1) {
    tile.roles registers(24, 240) producer {
    } consumers(2) {
      tile.turn take
      tile.turn pass
    }
  }
  return
}
