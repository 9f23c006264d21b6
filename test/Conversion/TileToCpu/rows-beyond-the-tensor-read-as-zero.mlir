// RUN: attn-opt %s --convert-tile-to-cpu=cpu=avx512 --canonicalize --cse | FileCheck %s

// The keys' row count is what the tensor has left, from 0 to 32; the other rows of the tile are zeros.
// CHECK-LABEL: func.func @kernel
// CHECK: %[[LEFT:.*]] = arith.minsi %{{.*}}, %c32_i64 : i64
// CHECK: %[[VALID:.*]] = arith.maxsi %[[LEFT]], %c0_i64 : i64
// CHECK: scf.for %{{.*}} = %c0_i64 to %[[VALID]] step %c1_i64
// CHECK: llvm.load %{{.*}} {alignment = 2 : i64} : !llvm.ptr -> vector<16xi16>
// CHECK: scf.for %{{.*}} = %[[VALID]] to %c32_i64 step %c1_i64
// CHECK: llvm.store %cst{{.*}}, %{{.*}} : vector<16xi32>, !llvm.ptr
func.func @kernel(%q: memref<?x?x?x16xbf16, strided<[?, ?, ?, 1]>>, %k: memref<?x?x?x16xbf16, strided<[?, ?, ?, 1]>>, %v: memref<?x?x?x16xbf16, strided<[?, ?, ?, 1]>>, %out: memref<?x?x?x16xbf16, strided<[?, ?, ?, 1]>>) attributes {tile.plan = #tile.plan<target = "cpu", query_tile = 16, kv_tile = 32, warpgroups = 0, stages = 0, overlap = false, ping_pong = false>} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.forall (%b, %h, %t) in (%c1, %c1, %c1) {
    %query = tile.load %q[%b, %h, %t] : memref<?x?x?x16xbf16, strided<[?, ?, ?, 1]>> -> tensor<16x16xbf16>
    %keys = tile.load %k[%b, %h, %c0] : memref<?x?x?x16xbf16, strided<[?, ?, ?, 1]>> -> tensor<32x16xbf16>
    %s = tile.mma %query, %keys transpose_b : tensor<16x16xbf16>, tensor<32x16xbf16> -> tensor<16x32xf32>
    %m = arith.constant dense<0.0> : tensor<16xf32>
    %x = tile.row_max %s, %m : tensor<16x32xf32>, tensor<16xf32>
  }
  return
}
