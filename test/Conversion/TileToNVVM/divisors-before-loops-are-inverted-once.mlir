// RUN: attn-opt %s --convert-tile-to-nvvm --cse | FileCheck %s

// 2^32 / divisor stands in front of the loop; in it a product, and a correction by at most one. A constant divisor is left to LLVM.
// CHECK-LABEL: llvm.func @kernel
// CHECK: %[[DIVISOR:.*]] = arith.addi %{{.*}}, %c63_i32
// CHECK: %[[SOME:.*]] = arith.maxui %[[DIVISOR]], %c1_i32
// CHECK: %[[INVERSE:.*]] = arith.divui %c-1_i32, %[[SOME]]
// CHECK: scf.for %[[I:.*]] =
// CHECK: %[[WIDE:.*]] = arith.extui %[[I]] : i32 to i64
// CHECK: %[[FACTOR:.*]] = arith.extui %[[INVERSE]] : i32 to i64
// CHECK: %[[PRODUCT:.*]] = arith.muli %[[WIDE]], %[[FACTOR]] : i64
// CHECK: %[[HIGH:.*]] = arith.shrui %[[PRODUCT]], %c32_i64
// CHECK: %[[QUOTIENT:.*]] = arith.trunci %[[HIGH]] : i64 to i32
// CHECK: %[[BACK:.*]] = arith.muli %[[QUOTIENT]], %[[DIVISOR]]
// CHECK: %[[REST:.*]] = arith.subi %[[I]], %[[BACK]]
// CHECK: %[[MORE:.*]] = arith.cmpi uge, %[[REST]], %[[DIVISOR]]
// CHECK: %[[ONE:.*]] = arith.extui %[[MORE]] : i1 to i32
// CHECK: arith.addi %[[QUOTIENT]], %[[ONE]]
// CHECK: arith.divui %{{.*}}, %c4_i32
// CHECK-NOT: arith.divui
func.func @kernel(%lse: memref<?x?x?xf32, strided<[?, ?, ?]>>) attributes {tile.plan = #tile.plan<target = "sm_90a", query_tile = 64, kv_tile = 64, warpgroups = 1, stages = 2, overlap = true, ping_pong = false, persistent = true>} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c4 = arith.constant 4 : index
  %c63 = arith.constant 63 : index
  %rows = arith.constant dense<0.0> : tensor<64xf32, #tile.layout<row, warpgroups = 1>>
  %extent = memref.dim %lse, %c2 : memref<?x?x?xf32, strided<[?, ?, ?]>>
  %tiles = arith.addi %extent, %c63 : index
  tile.roles registers(24, 240) producer {
  } consumers(1) {
    scf.for %i = %c0 to %extent step %c1 {
      %head = arith.divui %i, %tiles : index
      %row = arith.divui %head, %c4 : index
      tile.store %rows, %lse[%c0, %head, %row] : tensor<64xf32, #tile.layout<row, warpgroups = 1>>, memref<?x?x?xf32, strided<[?, ?, ?]>>
    }
  }
  return
}
