// RUN: attn-opt %s --convert-tile-to-nvvm --cse | FileCheck %s

// Four heads have 16 rows each of a tile of 64, so warp w has those of head w: one copy brings all, and a row's head is its warp's.
// CHECK: func.func private @kernel
// CHECK-SAME: tile.boxes = array<i32: 16, 64, 0, 0, 0, 0>
// CHECK-LABEL: llvm.func @kernel
// CHECK: %[[H:.*]] = nvvm.read.ptx.sreg.ctaid.y
// CHECK: mbarrier.arrive.expect_tx{{.*}} %{{.*}}, %c8192_i32
// CHECK: cp.async.bulk.tensor.shared.cluster.global {{.*}}box[%c0_i32, %{{.*}}, %[[H]], %{{.*}}]
// CHECK-NOT: cp.async.bulk.tensor
// CHECK: setmaxnreg.inc
// CHECK: %[[FIRST:.*]] = arith.addi
// CHECK: %[[NUMBER:.*]] = arith.divui %[[FIRST]], %c16_i32
// CHECK: %[[HEAD:.*]] = arith.addi %[[H]], %[[NUMBER]]
// CHECK: ld.global.f32
// CHECK-NOT: ld.global
// A store finds its thread's place anew, which else would take registers all through the loop over programs.
// CHECK: has_side_effects {{.*}}"mov.u32 $0, %tid.x;"
// CHECK: %[[AGAIN:.*]] = arith.addi
// CHECK: %[[ROW:.*]] = arith.addi %[[AGAIN]],
// CHECK: %[[OWN:.*]] = arith.divui %[[AGAIN]], %c16_i32
// CHECK: %[[DONE:.*]] = arith.muli %{{.*}}, %c16_i32
// CHECK: %[[OFHEAD:.*]] = arith.subi %[[ROW]], %[[DONE]]
// CHECK: arith.addi %{{.*}}, %[[OFHEAD]]
// CHECK: scf.if
// CHECK: %[[NARROW:.*]] = arith.addi %[[H]], %[[OWN]]
// CHECK: %[[WIDE:.*]] = arith.extui %[[NARROW]] : i32 to i64
// CHECK: arith.muli %[[WIDE]],
// CHECK: llvm.store
func.func @kernel(%q: memref<?x?x?x64xbf16, strided<[?, ?, ?, 1]>>, %sinks: memref<?xf32, strided<[?]>>, %lse: memref<?x?x?xf32, strided<[?, ?, ?]>>) attributes {tile.plan = #tile.plan<target = "sm_90a", query_tile = 64, kv_tile = 64, warpgroups = 1, stages = 2, overlap = true, ping_pong = false, packed_heads = 4>} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.forall (%b, %h, %t) in (%c1, %c1, %c1) {
    %ring = tile.alloc_ring at 0 : !tile.ring<1, 64x64xbf16>
    %full = tile.alloc_barriers arrivals 1 at 8192 : !tile.barriers<1>
    tile.roles registers(24, 240) producer {
      tile.copy %q[%b, %h, %t] to %ring[%c0] signal %full[%c0] packed 4 : memref<?x?x?x64xbf16, strided<[?, ?, ?, 1]>>, !tile.ring<1, 64x64xbf16>, !tile.barriers<1>
    } consumers(1) {
      %heads = tile.indices head %h packed 4 : tensor<64xi32, #tile.layout<row, warpgroups = 1>>
      %s = tile.gather %sinks[%heads] : memref<?xf32, strided<[?]>>[tensor<64xi32, #tile.layout<row, warpgroups = 1>>] -> tensor<64xf32, #tile.layout<row, warpgroups = 1>>
      tile.store %s, %lse[%b, %h, %t] packed 4 : tensor<64xf32, #tile.layout<row, warpgroups = 1>>, memref<?x?x?xf32, strided<[?, ?, ?]>>
    }
  }
  return
}
