// RUN: attn-opt %s --convert-tile-to-cpu=cpu=avx512bf16 --canonicalize --cse | FileCheck %s

// Four keys at a time; a pair of a key's elements meets that pair of sixteen queries in one instruction. 16 columns are 8 pairs.
// CHECK-LABEL: func.func @kernel
// CHECK: scf.for %{{.*}} = %c0_i64 to %c32_i64 step %c4_i64
// CHECK: %{{.*}}:4 = scf.for %{{.*}} = %c0_i64 to %c8_i64 step %c1_i64
// CHECK: %[[QUERIES:.*]] = llvm.load %{{.*}} : !llvm.ptr -> vector<16xi32>
// CHECK: %[[PAIR:.*]] = llvm.load %{{.*}} : !llvm.ptr -> i32
// CHECK: llvm.insertelement %[[PAIR]]
// CHECK-COUNT-4: llvm.call_intrinsic "llvm.x86.avx512bf16.dpbf16ps.512"
// CHECK-NOT: dpbf16ps
// CHECK: scf.yield
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
