// RUN: attn-opt %s --convert-tile-to-cpu=cpu=avx512 --canonicalize --cse | FileCheck %s

// The queries of two heads lie one behind another, each with as many rows as the tensor has left of 64; the scores of a vector of
// queries are of one head, the number of its first row over 64.
// CHECK-LABEL: func.func @kernel
// CHECK: %[[LEFT:.*]] = arith.minsi %{{.*}}, %c64_i64 : i64
// CHECK: %[[VALID:.*]] = arith.maxsi %[[LEFT]], %c0_i64 : i64
// CHECK: scf.for %[[H:.*]] = %c0_i64 to %c2_i64 step %c1_i64
// CHECK: %[[FIRST:.*]] = arith.muli %[[H]], %c64_i64
// CHECK: scf.for %[[R:.*]] = %c0_i64 to %c64_i64 step %c1_i64
// CHECK: %[[WORD:.*]] = arith.addi %[[FIRST]], %[[R]]
// CHECK: arith.cmpi slt, %[[R]], %[[VALID]]
// CHECK: scf.for %[[VECTOR:.*]] = %c0_i64 to %c128_i64 step %c64_i64
// CHECK-DAG: arith.divui %[[VECTOR]], %c64_i64
// CHECK-DAG: arith.remui %[[VECTOR]], %c64_i64
// CHECK: %[[SECOND:.*]] = arith.addi %[[VECTOR]], %c16_i64
// CHECK-DAG: arith.divui %[[SECOND]], %c64_i64
// CHECK-DAG: arith.remui %[[SECOND]], %c64_i64
func.func @kernel(%q: memref<?x?x?x16xf32, strided<[?, ?, ?, 1]>>, %k: memref<?x?x?x16xf32, strided<[?, ?, ?, 1]>>, %v: memref<?x?x?x16xf32, strided<[?, ?, ?, 1]>>, %out: memref<?x?x?x16xf32, strided<[?, ?, ?, 1]>>) attributes {tile.plan = #tile.plan<target = "cpu", query_tile = 128, kv_tile = 32, warpgroups = 0, stages = 0, overlap = false, ping_pong = false, packed_heads = 2>} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.forall (%b, %h, %t) in (%c1, %c1, %c1) {
    %query = tile.load %q[%b, %h, %t] packed 2 : memref<?x?x?x16xf32, strided<[?, ?, ?, 1]>> -> tensor<128x16xf32>
    %keys = tile.load %k[%b, %h, %c0] : memref<?x?x?x16xf32, strided<[?, ?, ?, 1]>> -> tensor<32x16xf32>
    %s = tile.mma %query, %keys transpose_b : tensor<128x16xf32>, tensor<32x16xf32> -> tensor<128x32xf32>
    %heads = tile.indices head %h packed 2 : tensor<128x32xi32>
    %rows = tile.indices row %t packed 2 : tensor<128x32xi32>
    %sum = arith.addi %heads, %rows : tensor<128x32xi32>
    %bias = arith.sitofp %sum : tensor<128x32xi32> to tensor<128x32xf32>
    %x = arith.addf %s, %bias : tensor<128x32xf32>
    %m = arith.constant dense<0.0> : tensor<128xf32>
    %max = tile.row_max %x, %m : tensor<128x32xf32>, tensor<128xf32>
  }
  return
}
