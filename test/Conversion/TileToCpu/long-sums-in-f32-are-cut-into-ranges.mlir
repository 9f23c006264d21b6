// RUN: attn-opt %s --convert-tile-to-cpu=cpu=avx512 --canonicalize --cse | FileCheck %s

// A sum over 56 products is three of 16 and one of 8, each from zero, and added to what is there: its rounding errors grow
// with the number of ranges.
// CHECK-LABEL: func.func @kernel
// CHECK: %[[ZERO:.*]] = arith.constant dense<0.000000e+00> : vector<16xf32>
// CHECK: scf.for %{{.*}} = %c0_i64 to %c16_i64 step %c1_i64 iter_args(%{{.*}} = %[[ZERO]]
// CHECK: math.fma
// CHECK: scf.for %[[FIRST:.*]] = %c16_i64 to %c48_i64 step %c16_i64
// CHECK: %[[LAST:.*]] = arith.addi %[[FIRST]], %c16_i64
// CHECK: scf.for %{{.*}} = %[[FIRST]] to %[[LAST]] step %c1_i64 iter_args(%{{.*}} = %[[ZERO]]
// CHECK: math.fma
// CHECK: scf.yield
// CHECK: %[[BEFORE:.*]] = llvm.load %{{.*}} -> vector<16xf32>
// CHECK: arith.addf %[[BEFORE]],
// CHECK: scf.for %{{.*}} = %c48_i64 to %c56_i64 step %c1_i64 iter_args(%{{.*}} = %[[ZERO]]
func.func @kernel(%q: memref<?x?x?x56xf32, strided<[?, ?, ?, 1]>>, %k: memref<?x?x?x56xf32, strided<[?, ?, ?, 1]>>, %v: memref<?x?x?x16xf32, strided<[?, ?, ?, 1]>>, %out: memref<?x?x?x16xf32, strided<[?, ?, ?, 1]>>) attributes {tile.plan = #tile.plan<target = "cpu", query_tile = 16, kv_tile = 32, warpgroups = 0, stages = 0, overlap = false, ping_pong = false>} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.forall (%b, %h, %t) in (%c1, %c1, %c1) {
    %query = tile.load %q[%b, %h, %t] : memref<?x?x?x56xf32, strided<[?, ?, ?, 1]>> -> tensor<16x56xf32>
    %keys = tile.load %k[%b, %h, %c0] : memref<?x?x?x56xf32, strided<[?, ?, ?, 1]>> -> tensor<32x56xf32>
    %s = tile.mma %query, %keys transpose_b : tensor<16x56xf32>, tensor<32x56xf32> -> tensor<16x32xf32>
    %values = tile.load %v[%b, %h, %c0] : memref<?x?x?x16xf32, strided<[?, ?, ?, 1]>> -> tensor<32x16xf32>
    %o = tile.mma %s, %values : tensor<16x32xf32>, tensor<32x16xf32> -> tensor<16x16xf32>
    tile.store %o, %out[%b, %h, %t] : tensor<16x16xf32>, memref<?x?x?x16xf32, strided<[?, ?, ?, 1]>>
  }
  return
}
