// RUN: attn-opt %s --convert-tile-to-nvvm | FileCheck %s

// The runtime starts a kernel while the launches before it end: until all threads have waited for them, only parameters are read,
// among them the tensor maps. Here a length is read in front of the roles. No launch behind this one is told to start early.
// CHECK-LABEL: llvm.func @kernel
// CHECK: %[[FIRST:.*]] = arith.cmpi eq, %{{.*}}, %c0_i32
// CHECK: scf.if %[[FIRST]] {
// CHECK: "prefetch.tensormap [$0];", "l" %arg0
// CHECK: "griddepcontrol.wait;", "~{memory}"
// CHECK: ld.global.b32
// CHECK: mbarrier.init
// CHECK-NOT: griddepcontrol
func.func @kernel(%k: memref<?x?x?x64xbf16, strided<[?, ?, ?, 1]>>, %lengths: memref<?xi32, strided<[?]>>) attributes {tile.plan = #tile.plan<target = "sm_90a", query_tile = 64, kv_tile = 64, warpgroups = 1, stages = 2, overlap = true, ping_pong = false>} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.forall (%b, %h, %t) in (%c1, %c1, %c1) {
    %ring = tile.alloc_ring at 2048 : !tile.ring<2, 64x64xbf16>
    %full = tile.alloc_barriers arrivals 1 at 1024 : !tile.barriers<2>
    %element = tile.element %lengths[%b] : memref<?xi32, strided<[?]>> -> i32
    %length = arith.index_cast %element : i32 to index
    tile.roles registers(24, 240) producer {
      tile.copy %k[%b, %h, %length] to %ring[%c0] signal %full[%c0] : memref<?x?x?x64xbf16, strided<[?, ?, ?, 1]>>, !tile.ring<2, 64x64xbf16>, !tile.barriers<2>
    } consumers(1) {
      tile.wait %full[%c0] parity %c0 : !tile.barriers<2>
    }
  }
  return
}
