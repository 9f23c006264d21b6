// RUN: attn-opt %s --convert-tile-to-nvvm --cse | FileCheck %s

// Two conversions, for the two rows of a thread; columns 0, 1, 8 and 9 of its fragment are constants.
// CHECK-LABEL: llvm.func @kernel
// CHECK: setmaxnreg.inc
// CHECK: %[[COLUMN:.*]] = arith.muli %{{.*}}, %c2_i32
// CHECK-NEXT: %[[ROW:.*]] = arith.addi %{{.*}}, %{{.*}} : i32
// CHECK-NEXT: %[[ORIGIN:.*]] = arith.subi %[[ROW]], %[[COLUMN]] : i32
// CHECK: arith.sitofp
// CHECK: arith.constant -1.000000e+00
// CHECK: arith.sitofp
// CHECK: arith.constant -8.000000e+00
// CHECK: arith.constant -9.000000e+00
// CHECK-NOT: arith.sitofp
// CHECK: llvm.return
func.func @kernel(%lse: memref<?x?x?xf32, strided<[?, ?, ?]>>) attributes {tile.plan = #tile.plan<target = "sm_90a", query_tile = 64, kv_tile = 64, warpgroups = 1, stages = 2, overlap = true, ping_pong = false>} {
  %c1 = arith.constant 1 : index
  %init = arith.constant dense<0xFF800000> : tensor<64xf32, #tile.layout<row, warpgroups = 1>>
  scf.forall (%b, %h, %t) in (%c1, %c1, %c1) {
    tile.roles registers(24, 240) producer {
    } consumers(1) {
      %d = tile.distances whole %t : tensor<64x16xf32, #tile.layout<accumulator, warpgroups = 1>>
      %m = tile.row_max %d, %init : tensor<64x16xf32, #tile.layout<accumulator, warpgroups = 1>>, tensor<64xf32, #tile.layout<row, warpgroups = 1>>
      tile.store %m, %lse[%b, %h, %t] : tensor<64xf32, #tile.layout<row, warpgroups = 1>>, memref<?x?x?xf32, strided<[?, ?, ?]>>
    }
  }
  return
}

// The far part is a constant, the near part one number a row of the thread: nothing is left to add.
// CHECK-LABEL: llvm.func @parts
// CHECK: %[[UPPER:.*]] = arith.sitofp
// CHECK: %[[LOWER:.*]] = arith.sitofp
// CHECK-NOT: arith.addf
// CHECK-DAG: %[[ZERO:.*]] = arith.constant -0.000000e+00 : f32
// CHECK-DAG: %[[ONE:.*]] = arith.constant -1.000000e+00 : f32
// CHECK-DAG: %[[EIGHT:.*]] = arith.constant -8.000000e+00 : f32
// CHECK-DAG: %[[NINE:.*]] = arith.constant -9.000000e+00 : f32
// CHECK: math.fma %[[ZERO]], %[[ZERO]], %[[UPPER]]
// CHECK: math.fma %[[ONE]], %[[ONE]], %[[UPPER]]
// CHECK: math.fma %[[ZERO]], %[[ZERO]], %[[LOWER]]
// CHECK: math.fma %[[ONE]], %[[ONE]], %[[LOWER]]
// CHECK: math.fma %[[EIGHT]], %[[EIGHT]], %[[UPPER]]
// CHECK: math.fma %[[NINE]], %[[NINE]], %[[UPPER]]
// CHECK: llvm.return
func.func @parts(%lse: memref<?x?x?xf32, strided<[?, ?, ?]>>) attributes {tile.plan = #tile.plan<target = "sm_90a", query_tile = 64, kv_tile = 64, warpgroups = 1, stages = 2, overlap = true, ping_pong = false>} {
  %c1 = arith.constant 1 : index
  %init = arith.constant dense<0xFF800000> : tensor<64xf32, #tile.layout<row, warpgroups = 1>>
  scf.forall (%b, %h, %t) in (%c1, %c1, %c1) {
    tile.roles registers(24, 240) producer {
    } consumers(1) {
      %near = tile.distances near %t : tensor<64x16xf32, #tile.layout<accumulator, warpgroups = 1>>
      %far = tile.distances far %t : tensor<64x16xf32, #tile.layout<accumulator, warpgroups = 1>>
      %d = math.fma %far, %far, %near : tensor<64x16xf32, #tile.layout<accumulator, warpgroups = 1>>
      %m = tile.row_max %d, %init : tensor<64x16xf32, #tile.layout<accumulator, warpgroups = 1>>, tensor<64xf32, #tile.layout<row, warpgroups = 1>>
      tile.store %m, %lse[%b, %h, %t] : tensor<64xf32, #tile.layout<row, warpgroups = 1>>, memref<?x?x?xf32, strided<[?, ?, ?]>>
    }
  }
  return
}
