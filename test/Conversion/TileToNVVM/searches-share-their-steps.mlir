// RUN: attn-opt %s --convert-tile-to-nvvm --cse | FileCheck %s

// The second search needs the first one's result and waits for it. The third needs neither: what leads to its value is moved up,
// and its reads are under way beside the first one's.
// CHECK-LABEL: llvm.func @kernel
// CHECK: setmaxnreg.inc
// CHECK: %[[VALUE:.*]] = llvm.inline_asm {{.*}}ld.global.b32
// CHECK: %[[FOUND:.*]]:4 = scf.while (%{{.*}} = %c0_i32, %{{.*}} = %c9_i32, %{{.*}} = %c1_i32, %{{.*}} = %c9_i32)
// CHECK: %[[ONE:.*]] = arith.cmpi slt
// CHECK: %[[OTHER:.*]] = arith.cmpi slt
// CHECK: %[[ANY:.*]] = arith.ori %[[ONE]], %[[OTHER]]
// CHECK: scf.condition(%[[ANY]])
// CHECK-COUNT-2: ld.global.b32
// CHECK: arith.cmpi slt, %{{.*}}, %[[VALUE]]
// CHECK-COUNT-2: nvvm.vote.sync ballot
// CHECK: scf.yield
// CHECK: scf.while (%{{.*}} = %[[FOUND]]#0, %{{.*}} = %c9_i32)
// CHECK: ld.global.b32
// CHECK: nvvm.vote.sync ballot
// CHECK-NOT: scf.while
func.func @kernel(%ids: memref<?xi32, strided<[?]>>, %lse: memref<?x?x?xf32, strided<[?, ?, ?]>>) attributes {tile.plan = #tile.plan<target = "sm_90a", query_tile = 64, kv_tile = 64, warpgroups = 1, stages = 2, overlap = true, ping_pong = false>} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %n = arith.constant 9 : index
  scf.forall (%b, %h, %t) in (%c1, %c1, %c1) {
    tile.roles registers(24, 240) producer {
    } consumers(1) {
      %first = tile.search %ids[] from %c0 to %n for %t : memref<?xi32, strided<[?]>>
      %second = tile.search %ids[] from %first to %n for %h : memref<?xi32, strided<[?]>>
      %element = tile.element %ids[%h] : memref<?xi32, strided<[?]>> -> i32
      %value = arith.index_cast %element : i32 to index
      %third = tile.search %ids[] from %c1 to %n for %value : memref<?xi32, strided<[?]>>
      %init = arith.constant dense<0xFF800000> : tensor<64xf32, #tile.layout<row, warpgroups = 1>>
      tile.store %init, %lse[%first, %second, %third] : tensor<64xf32, #tile.layout<row, warpgroups = 1>>, memref<?x?x?xf32, strided<[?, ?, ?]>>
    }
  }
  return
}
