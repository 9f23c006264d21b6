// RUN: attn-opt %s --convert-tile-to-nvvm --cse | FileCheck %s

// The first of four warpgroups gives registers away and runs the producer on one thread; the others claim registers. The number
// of threads is fixed, for ptxas honours the shares only then.
// CHECK-LABEL: llvm.func @kernel
// CHECK-SAME: nvvm.minctasm = 1 : i32, nvvm.reqntid = array<i32: 512, 1, 1>
// CHECK: %[[THREAD:.*]] = nvvm.read.ptx.sreg.tid.x
// CHECK: %[[GROUP:.*]] = arith.shrui %[[THREAD]], %c7_i32
// CHECK: %[[WARPGROUP:.*]] = nvvm.shfl.sync {{.*}}%[[GROUP]]
// CHECK: %[[FIRST:.*]] = arith.cmpi eq, %[[THREAD]], %c0_i32
// CHECK: %[[PRODUCES:.*]] = arith.cmpi eq, %[[WARPGROUP]], %c0_i32
// CHECK: scf.if %[[PRODUCES]] {
// CHECK-NEXT: setmaxnreg.dec.sync.aligned.u32 32;
// CHECK: scf.if %[[FIRST]] {
// CHECK: mbarrier.try_wait
// CHECK: } else {
// CHECK-NEXT: setmaxnreg.inc.sync.aligned.u32 160;
func.func @kernel(%lse: memref<?x?x?xf32, strided<[?, ?, ?]>>) attributes {tile.plan = #tile.plan<target = "sm_90a", query_tile = 192, kv_tile = 64, warpgroups = 3, stages = 2, overlap = true, ping_pong = false>} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.forall (%b, %h, %t) in (%c1, %c1, %c1) {
    %barriers = tile.alloc_barriers arrivals 1 at 0 : !tile.barriers<1>
    tile.roles registers(32, 160) producer {
      tile.wait %barriers[%b] parity %h : !tile.barriers<1>
    } consumers(3) {
    }
  }
  return
}
