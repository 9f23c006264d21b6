// RUN: attn-opt %s --convert-tile-to-cpu=cpu=avx512bf16 --canonicalize --cse | FileCheck %s

// Two neighbouring lines of scores become one line of pairs, the later key in the upper half.
// CHECK-LABEL: func.func @kernel
// CHECK: scf.for %[[LINE:.*]] = %c0_i64 to %c32_i64 step %c2_i64
// CHECK: %[[FIRST:.*]] = arith.extui %{{.*}} : vector<16xi16> to vector<16xi32>
// CHECK: %[[SECOND:.*]] = arith.extui %{{.*}} : vector<16xi16> to vector<16xi32>
// CHECK: %[[UPPER:.*]] = arith.shli %[[SECOND]], %{{.*}} : vector<16xi32>
// CHECK: arith.shrui %[[LINE]], %c1_i64 : i64
// CHECK: arith.ori %[[FIRST]], %[[UPPER]] : vector<16xi32>
func.func @kernel(%q: memref<?x?x?x16xbf16, strided<[?, ?, ?, 1]>>, %k: memref<?x?x?x16xbf16, strided<[?, ?, ?, 1]>>, %v: memref<?x?x?x16xbf16, strided<[?, ?, ?, 1]>>, %out: memref<?x?x?x16xbf16, strided<[?, ?, ?, 1]>>) attributes {tile.plan = #tile.plan<target = "cpu", query_tile = 16, kv_tile = 32, warpgroups = 0, stages = 0, overlap = false, ping_pong = false>} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.forall (%b, %h, %t) in (%c1, %c1, %c1) {
    %query = tile.load %q[%b, %h, %t] : memref<?x?x?x16xbf16, strided<[?, ?, ?, 1]>> -> tensor<16x16xbf16>
    %keys = tile.load %k[%b, %h, %c0] : memref<?x?x?x16xbf16, strided<[?, ?, ?, 1]>> -> tensor<32x16xbf16>
    %s = tile.mma %query, %keys transpose_b : tensor<16x16xbf16>, tensor<32x16xbf16> -> tensor<16x32xf32>
    %x = arith.addf %s, %s : tensor<16x32xf32>
    %zero = arith.constant dense<0.0> : tensor<16x16xf32>
    %p = arith.truncf %x : tensor<16x32xf32> to tensor<16x32xbf16>
    %values = tile.load %v[%b, %h, %c0] : memref<?x?x?x16xbf16, strided<[?, ?, ?, 1]>> -> tensor<32x16xbf16>
    %o = tile.mma %p, %values : tensor<16x32xbf16>, tensor<32x16xbf16> -> tensor<16x16xf32>
    %r = arith.truncf %o : tensor<16x16xf32> to tensor<16x16xbf16>
    tile.store %r, %out[%b, %h, %t] : tensor<16x16xbf16>, memref<?x?x?x16xbf16, strided<[?, ?, ?, 1]>>
  }
  return
}
