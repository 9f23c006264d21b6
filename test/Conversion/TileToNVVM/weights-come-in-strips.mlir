// RUN: attn-opt %s --split-input-file --convert-tile-to-nvvm --cse | FileCheck %s

// A strip is 8 elements of a lane: exponents, exponentials, sums. From the third on its exponents depend on sums of the
// strip two before, of the other row, by a zero that only the launch knows: the sign of an extent.
// CHECK-LABEL: llvm.func @kernel
// CHECK: %[[EXTENT:.*]] = arith.trunci
// CHECK: %[[ZERO:.*]] = arith.shrui %[[EXTENT]], %c31_i32
// CHECK: setmaxnreg.inc
// CHECK-COUNT-8: math.fma
// CHECK-COUNT-8: ex2.approx
// CHECK: %[[UPPER:.*]] = arith.addf
// CHECK-COUNT-8: math.fma
// CHECK-COUNT-8: ex2.approx
// CHECK: arith.andi %{{.*}}, %[[ZERO]]
// CHECK: arith.ori
// CHECK-COUNT-8: math.fma
// CHECK-COUNT-8: ex2.approx
// CHECK: llvm.store
func.func @kernel(%lse: memref<?x?x?xf32, strided<[?, ?, ?]>>) attributes {tile.plan = #tile.plan<target = "sm_90a", query_tile = 64, kv_tile = 80, warpgroups = 1, stages = 2, overlap = true, ping_pong = false>} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %unit = arith.constant dense<2.0> : tensor<64x80xf32, #tile.layout<accumulator, warpgroups = 1>>
  %one = arith.constant dense<1.0> : tensor<64xf32, #tile.layout<row, warpgroups = 1>>
  scf.forall (%b, %h, %t) in (%c1, %c1, %c1) {
    tile.roles registers(24, 240) producer {
    } consumers(1) {
      %i = tile.indices column %c0 : tensor<64x80xi32, #tile.layout<accumulator, warpgroups = 1>>
      %s = arith.sitofp %i : tensor<64x80xi32, #tile.layout<accumulator, warpgroups = 1>> to tensor<64x80xf32, #tile.layout<accumulator, warpgroups = 1>>
      %m = tile.row_max %s, %one : tensor<64x80xf32, #tile.layout<accumulator, warpgroups = 1>>, tensor<64xf32, #tile.layout<row, warpgroups = 1>>
      %r = tile.broadcast_rows %m : tensor<64xf32, #tile.layout<row, warpgroups = 1>> -> tensor<64x80xf32, #tile.layout<accumulator, warpgroups = 1>>
      %x = math.fma %s, %unit, %r : tensor<64x80xf32, #tile.layout<accumulator, warpgroups = 1>>
      %w = math.exp2 %x : tensor<64x80xf32, #tile.layout<accumulator, warpgroups = 1>>
      %none = tile.empty_sum : !tile.partial<64xf32>
      %l = tile.row_accumulate %none, %one, %w : !tile.partial<64xf32>, tensor<64xf32, #tile.layout<row, warpgroups = 1>>, tensor<64x80xf32, #tile.layout<accumulator, warpgroups = 1>>
      %sum = tile.row_total %l : !tile.partial<64xf32> -> tensor<64xf32, #tile.layout<row, warpgroups = 1>>
      tile.store %sum, %lse[%b, %h, %t] : tensor<64xf32, #tile.layout<row, warpgroups = 1>>, memref<?x?x?xf32, strided<[?, ?, ?]>>
    }
  }
  return
}

// -----

// Up to 32 elements, here 24, are strips of 16 that wait for nothing.
// CHECK-LABEL: llvm.func @few
// CHECK: setmaxnreg.inc
// CHECK-COUNT-16: math.fma
// CHECK-COUNT-16: ex2.approx
// CHECK: arith.addf
// CHECK-NOT: arith.andi
// CHECK-COUNT-8: math.fma
// CHECK-COUNT-8: ex2.approx
// CHECK-NOT: arith.andi
// CHECK: nvvm.shfl.sync
func.func @few(%lse: memref<?x?x?xf32, strided<[?, ?, ?]>>) attributes {tile.plan = #tile.plan<target = "sm_90a", query_tile = 64, kv_tile = 48, warpgroups = 1, stages = 2, overlap = true, ping_pong = false>} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %unit = arith.constant dense<2.0> : tensor<64x48xf32, #tile.layout<accumulator, warpgroups = 1>>
  %one = arith.constant dense<1.0> : tensor<64xf32, #tile.layout<row, warpgroups = 1>>
  scf.forall (%b, %h, %t) in (%c1, %c1, %c1) {
    tile.roles registers(24, 240) producer {
    } consumers(1) {
      %i = tile.indices column %c0 : tensor<64x48xi32, #tile.layout<accumulator, warpgroups = 1>>
      %s = arith.sitofp %i : tensor<64x48xi32, #tile.layout<accumulator, warpgroups = 1>> to tensor<64x48xf32, #tile.layout<accumulator, warpgroups = 1>>
      %m = tile.row_max %s, %one : tensor<64x48xf32, #tile.layout<accumulator, warpgroups = 1>>, tensor<64xf32, #tile.layout<row, warpgroups = 1>>
      %r = tile.broadcast_rows %m : tensor<64xf32, #tile.layout<row, warpgroups = 1>> -> tensor<64x48xf32, #tile.layout<accumulator, warpgroups = 1>>
      %x = math.fma %s, %unit, %r : tensor<64x48xf32, #tile.layout<accumulator, warpgroups = 1>>
      %w = math.exp2 %x : tensor<64x48xf32, #tile.layout<accumulator, warpgroups = 1>>
      %none = tile.empty_sum : !tile.partial<64xf32>
      %l = tile.row_accumulate %none, %one, %w : !tile.partial<64xf32>, tensor<64xf32, #tile.layout<row, warpgroups = 1>>, tensor<64x48xf32, #tile.layout<accumulator, warpgroups = 1>>
      %sum = tile.row_total %l : !tile.partial<64xf32> -> tensor<64xf32, #tile.layout<row, warpgroups = 1>>
      tile.store %sum, %lse[%b, %h, %t] : tensor<64xf32, #tile.layout<row, warpgroups = 1>>, memref<?x?x?xf32, strided<[?, ?, ?]>>
    }
  }
  return
}
