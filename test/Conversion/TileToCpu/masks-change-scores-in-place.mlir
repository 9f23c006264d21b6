// RUN: attn-opt %s --convert-tile-to-cpu=cpu=avx2 --cse | FileCheck %s

// A full block does nothing at all; a partial one rewrites its scores where they are.
// CHECK-LABEL: func.func @kernel
// CHECK: %[[FULL:.*]] = arith.cmpi slt, %{{.*}} : index
// CHECK-NEXT: scf.if %[[FULL]] {
// CHECK-NEXT: } else {
// CHECK: %[[AT:.*]] = llvm.getelementptr
// CHECK: %[[OLD:.*]] = llvm.load %[[AT]]
// CHECK: %[[NEW:.*]] = arith.select %{{.*}}, %[[OLD]], %{{.*}} : vector<8xi1>, vector<8xf32>
// CHECK: llvm.store %[[NEW]], %[[AT]]
func.func @kernel(%q: memref<?x?x?x16xbf16, strided<[?, ?, ?, 1]>>, %k: memref<?x?x?x16xbf16, strided<[?, ?, ?, 1]>>, %v: memref<?x?x?x16xbf16, strided<[?, ?, ?, 1]>>, %out: memref<?x?x?x16xbf16, strided<[?, ?, ?, 1]>>) attributes {tile.plan = #tile.plan<target = "cpu", query_tile = 16, kv_tile = 32, warpgroups = 0, stages = 0, overlap = false, ping_pong = false>} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.forall (%b, %h, %t) in (%c1, %c1, %c1) {
    %query = tile.load %q[%b, %h, %t] : memref<?x?x?x16xbf16, strided<[?, ?, ?, 1]>> -> tensor<16x16xbf16>
    %keys = tile.load %k[%b, %h, %c0] : memref<?x?x?x16xbf16, strided<[?, ?, ?, 1]>> -> tensor<32x16xbf16>
    %s = tile.mma %query, %keys transpose_b : tensor<16x16xbf16>, tensor<32x16xbf16> -> tensor<16x32xf32>
    %full = arith.cmpi slt, %t, %b : index
    %masked = scf.if %full -> (tensor<16x32xf32>) {
      scf.yield %s : tensor<16x32xf32>
    } else {
      %none = arith.constant dense<0xFF800000> : tensor<16x32xf32>
      %columns = tile.indices column %t : tensor<16x32xi32>
      %limits = tile.indices row %h : tensor<16x32xi32>
      %allowed = arith.cmpi sle, %columns, %limits : tensor<16x32xi32>
      %kept = arith.select %allowed, %s, %none : tensor<16x32xi1>, tensor<16x32xf32>
      scf.yield %kept : tensor<16x32xf32>
    }
    %m = arith.constant dense<0.0> : tensor<16xf32>
    %x = tile.row_max %masked, %m : tensor<16x32xf32>, tensor<16xf32>
  }
  return
}
