// RUN: attn-opt %s --convert-tile-to-nvvm --cse | FileCheck %s

// In front of a table all lanes want the same extremes, so that each reads every 32nd element of a row and the warp reduces. In
// the body of one each lane wants those of its own block, and reads four at once, of which the last may be read again.
// CHECK-LABEL: llvm.func @kernel
// CHECK: %[[LANE:.*]] = arith.andi %{{.*}}, %c31_i32
// CHECK: setmaxnreg.dec
// CHECK: %[[MINE:.*]] = arith.addi %{{.*}}, %[[LANE]]
// CHECK: %[[FOUND:.*]]:2 = scf.for %{{.*}} = %[[MINE]] to %{{.*}} step %c32_i32
// CHECK-COUNT-1: ld.global.b32
// CHECK-NOT: ld.global
// CHECK: nvvm.redux.sync min %[[FOUND]]#0, %c-1_i32
// CHECK: nvvm.redux.sync max %[[FOUND]]#1, %c-1_i32
// CHECK: scf.for {{.*}} step %c4_i32
// CHECK: ld.global.b32
// CHECK: arith.minsi
// CHECK-COUNT-3: ld.global.b32
// CHECK-NOT: nvvm.redux
// CHECK: nvvm.vote.sync ballot
func.func @kernel(%k: memref<?x?x?x64xbf16, strided<[?, ?, ?, 1]>>, %ids: memref<?x?xi32, strided<[?, ?]>>) attributes {tile.plan = #tile.plan<target = "sm_90a", query_tile = 64, kv_tile = 64, warpgroups = 1, stages = 2, overlap = true, ping_pong = false>} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c63 = arith.constant 63 : index
  %c64 = arith.constant 64 : index
  %keys = memref.dim %k, %c2 : memref<?x?x?x64xbf16, strided<[?, ?, ?, 1]>>
  scf.forall (%b, %h, %t) in (%c1, %c1, %c1) {
    %ring = tile.alloc_ring at 0 : !tile.ring<1, 64x64xbf16>
    %full = tile.alloc_barriers arrivals 1 at 8192 : !tile.barriers<1>
    tile.roles registers(56, 240) producer {
      %q0 = arith.muli %t, %c64 : index
      %q1 = arith.addi %q0, %c63 : index
      %least, %most = tile.extremes %ids[%b, %q0] to [%b, %q1] : memref<?x?xi32, strided<[?, ?]>>
      %table = tile.tabulate %c0 to %keys {
      ^bb0(%block: index):
        %k0 = arith.muli %block, %c64 : index
        %k1 = arith.addi %k0, %c63 : index
        %low, %high = tile.extremes %ids[%b, %k0] to [%b, %k1] : memref<?x?xi32, strided<[?, ?]>>
        %some = arith.cmpi sle, %low, %most : i32
        %all = arith.cmpi sle, %high, %least : i32
        tile.kind present %some full %all
      }
      %last = tile.find_block %table[%h]
      %row = arith.muli %last, %c64 : index
      tile.copy %k[%b, %h, %row] to %ring[%c0] signal %full[%c0] : memref<?x?x?x64xbf16, strided<[?, ?, ?, 1]>>, !tile.ring<1, 64x64xbf16>, !tile.barriers<1>
    } consumers(1) {
    }
  }
  return
}
