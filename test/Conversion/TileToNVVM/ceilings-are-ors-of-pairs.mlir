// RUN: attn-opt %s --split-input-file --convert-tile-to-nvvm --cse | FileCheck %s

// A strip is exponents, exponentials, pairs and an or for each; from the third on its exponents depend on what is known of the strip
// two before, of the other row. Both halves of a word are one number at the end: of bf16 it is the upper half of a f32.
// CHECK-LABEL: llvm.func @brain
// CHECK-NOT: arith.addf
// CHECK-COUNT-8: math.fma
// CHECK-COUNT-8: ex2.approx
// CHECK-COUNT-4: cvt.rn.bf16x2.f32
// CHECK-COUNT-2: arith.ori
// CHECK-COUNT-8: math.fma
// CHECK-COUNT-8: ex2.approx
// CHECK-COUNT-4: cvt.rn.bf16x2.f32
// CHECK-COUNT-4: arith.ori
// CHECK: arith.andi
// CHECK-COUNT-8: math.fma
// CHECK: cvt.rn.bf16x2.f32
// CHECK: %[[BOTH:.*]] = arith.ori
// CHECK: %[[HIGH:.*]] = arith.shli %{{.*}}, %c16_i32
// CHECK: %[[OR:.*]] = arith.ori %{{.*}}, %[[HIGH]]
// CHECK: %[[WIDE:.*]] = arith.andi %[[OR]], %c-65536_i32
// CHECK: %[[CEILING:.*]] = llvm.bitcast %[[WIDE]] : i32 to f32
// CHECK: nvvm.shfl.sync bfly %{{.*}}, %[[CEILING]]
func.func @brain(%lse: memref<?x?x?xf32, strided<[?, ?, ?]>>) attributes {tile.plan = #tile.plan<target = "sm_90a", query_tile = 64, kv_tile = 80, warpgroups = 1, stages = 2, overlap = true, ping_pong = false>} {
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
      %fresh = arith.cmpf oeq, %m, %one : tensor<64xf32, #tile.layout<row, warpgroups = 1>>
      %r = tile.broadcast_rows %m : tensor<64xf32, #tile.layout<row, warpgroups = 1>> -> tensor<64x80xf32, #tile.layout<accumulator, warpgroups = 1>>
      %x = math.fma %s, %unit, %r : tensor<64x80xf32, #tile.layout<accumulator, warpgroups = 1>>
      %w = math.exp2 %x : tensor<64x80xf32, #tile.layout<accumulator, warpgroups = 1>>
      %p = arith.truncf %w : tensor<64x80xf32, #tile.layout<accumulator, warpgroups = 1>> to tensor<64x80xbf16, #tile.layout<accumulator, warpgroups = 1>>
      %c = tile.row_ceiling %p : tensor<64x80xbf16, #tile.layout<accumulator, warpgroups = 1>> -> !tile.partial<64xf32>
      %above = tile.rows_above %c, 1.99999988 or %fresh : !tile.partial<64xf32>, tensor<64xi1, #tile.layout<row, warpgroups = 1>>
      %o = arith.select %above, %m, %one : tensor<64xi1, #tile.layout<row, warpgroups = 1>>, tensor<64xf32, #tile.layout<row, warpgroups = 1>>
      tile.store %o, %lse[%b, %h, %t] : tensor<64xf32, #tile.layout<row, warpgroups = 1>>, memref<?x?x?xf32, strided<[?, ?, ?]>>
    }
  }
  return
}

// -----

// f16 has fewer exponents, so it is widened.
// CHECK-LABEL: llvm.func @half
// CHECK: %[[OR:.*]] = arith.ori
// CHECK: %[[HALF:.*]] = arith.trunci %{{.*}} : i32 to i16
// CHECK: %[[NUMBER:.*]] = llvm.bitcast %[[HALF]] : i16 to f16
// CHECK: %[[CEILING:.*]] = arith.extf %[[NUMBER]] : f16 to f32
// CHECK: nvvm.shfl.sync bfly %{{.*}}, %[[CEILING]]
func.func @half(%lse: memref<?x?x?xf32, strided<[?, ?, ?]>>) attributes {tile.plan = #tile.plan<target = "sm_90a", query_tile = 64, kv_tile = 16, warpgroups = 1, stages = 2, overlap = true, ping_pong = false>} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %weights = arith.constant dense<1.5> : tensor<64x16xf32, #tile.layout<accumulator, warpgroups = 1>>
  %one = arith.constant dense<1.0> : tensor<64xf32, #tile.layout<row, warpgroups = 1>>
  %two = arith.constant dense<2.0> : tensor<64xf32, #tile.layout<row, warpgroups = 1>>
  scf.forall (%b, %h, %t) in (%c1, %c1, %c1) {
    tile.roles registers(24, 240) producer {
    } consumers(1) {
      %fresh = arith.cmpf oeq, %two, %one : tensor<64xf32, #tile.layout<row, warpgroups = 1>>
      %p = arith.truncf %weights : tensor<64x16xf32, #tile.layout<accumulator, warpgroups = 1>> to tensor<64x16xf16, #tile.layout<accumulator, warpgroups = 1>>
      %c = tile.row_ceiling %p : tensor<64x16xf16, #tile.layout<accumulator, warpgroups = 1>> -> !tile.partial<64xf32>
      %above = tile.rows_above %c, 1.99999988 or %fresh : !tile.partial<64xf32>, tensor<64xi1, #tile.layout<row, warpgroups = 1>>
      %o = arith.select %above, %two, %one : tensor<64xi1, #tile.layout<row, warpgroups = 1>>, tensor<64xf32, #tile.layout<row, warpgroups = 1>>
      tile.store %o, %lse[%b, %h, %t] : tensor<64xf32, #tile.layout<row, warpgroups = 1>>, memref<?x?x?xf32, strided<[?, ?, ?]>>
    }
  }
  return
}
