// RUN: attn-opt %s --convert-tile-to-nvvm --cse | FileCheck %s

// One thread initialises every barrier before any role starts. A barrier that copies signal counts copies; one at which
// consumers arrive counts the warps of two warpgroups.
// CHECK-LABEL: llvm.func @kernel
// CHECK: %[[SHARED:.*]] = llvm.ptrtoint
// CHECK: %[[THREAD:.*]] = nvvm.read.ptx.sreg.tid.x
// CHECK: %[[FIRST:.*]] = arith.cmpi eq, %[[THREAD]], %c0_i32
// CHECK: griddepcontrol.wait
// CHECK: %[[FULL:.*]] = arith.addi %[[SHARED]], %c1024_i32
// CHECK: %[[EMPTY:.*]] = arith.addi %[[SHARED]], %c1040_i32
// CHECK: scf.if %[[FIRST]] {
// CHECK: %[[FULL0:.*]] = arith.addi %[[FULL]], %c0_i32
// CHECK: "mbarrier.init.shared::cta.b64 [$0], $1;", "r,r" %[[FULL0]], %c1_i32
// CHECK: %[[FULL1:.*]] = arith.addi %[[FULL]], %c8_i32
// CHECK: "mbarrier.init.shared::cta.b64 [$0], $1;", "r,r" %[[FULL1]], %c1_i32
// CHECK: %[[EMPTY0:.*]] = arith.addi %[[EMPTY]], %c0_i32
// CHECK: "mbarrier.init.shared::cta.b64 [$0], $1;", "r,r" %[[EMPTY0]], %c8_i32
// CHECK: fence.mbarrier_init.release.cluster;{{.*}}fence.proxy.async;
// CHECK: bar.sync 0;
// CHECK: setmaxnreg
// CHECK-NOT: mbarrier.init
func.func @kernel(%lse: memref<?x?x?xf32, strided<[?, ?, ?]>>) attributes {tile.plan = #tile.plan<target = "sm_90a", query_tile = 128, kv_tile = 64, warpgroups = 2, stages = 2, overlap = true, ping_pong = false>} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.forall (%b, %h, %t) in (%c1, %c1, %c1) {
    %full = tile.alloc_barriers arrivals 1 at 1024 : !tile.barriers<2>
    %empty = tile.alloc_barriers arrivals 2 at 1040 : !tile.barriers<1>
    tile.roles registers(24, 240) producer {
      tile.wait %empty[%c0] parity %c1 : !tile.barriers<1>
    } consumers(2) {
      tile.wait %full[%c1] parity %c0 : !tile.barriers<2>
      tile.arrive %empty[%c0] : !tile.barriers<1>
    }
  }
  return
}
