// RUN: attn-opt %s --convert-tile-to-nvvm --cse | FileCheck %s

// All four lanes of a quad hold a row; the first of them stores it, if the tensor has that row.
// CHECK-LABEL: llvm.func @kernel
// CHECK: setmaxnreg.inc
// CHECK: %[[QUAD:.*]] = arith.andi %{{.*}}, %c3_i32
// CHECK: %[[COLUMN:.*]] = arith.muli %{{.*}}, %c2_i32
// CHECK: %[[INSIDE:.*]] = arith.cmpi slt
// CHECK: %[[FIRST:.*]] = arith.cmpi eq, %[[COLUMN]], %c0_i32
// CHECK: %[[BOTH:.*]] = arith.andi %[[INSIDE]], %[[FIRST]]
// CHECK: scf.if %[[BOTH]] {
// CHECK: llvm.store %{{.*}} : f32, !llvm.ptr<1>
// CHECK: scf.if
// CHECK: llvm.store %{{.*}} : f32, !llvm.ptr<1>
// CHECK-NOT: llvm.store
func.func @kernel(%lse: memref<?x?x?xf32, strided<[?, ?, ?]>>) attributes {tile.plan = #tile.plan<target = "sm_90a", query_tile = 64, kv_tile = 64, warpgroups = 1, stages = 2, overlap = true, ping_pong = false>} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %rows = arith.constant dense<0.0> : tensor<64xf32, #tile.layout<row, warpgroups = 1>>
  scf.forall (%b, %h, %t) in (%c1, %c1, %c1) {
    tile.roles registers(24, 240) producer {
    } consumers(1) {
      tile.store %rows, %lse[%b, %h, %t] : tensor<64xf32, #tile.layout<row, warpgroups = 1>>, memref<?x?x?xf32, strided<[?, ?, ?]>>
    }
  }
  return
}
