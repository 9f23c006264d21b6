// RUN: attn-opt %s --convert-tile-to-cpu=cpu=plain --canonicalize --cse | FileCheck %s

// An fma, a conversion or an exponential would become a call, and an object has no undefined symbols.
// CHECK-LABEL: func.func @kernel
// CHECK-NOT: math.
// CHECK-NOT: arith.truncf
// CHECK-NOT: arith.extf
// CHECK: return
func.func @kernel(%q: memref<?x?x?x16xbf16, strided<[?, ?, ?, 1]>>, %k: memref<?x?x?x16xbf16, strided<[?, ?, ?, 1]>>, %v: memref<?x?x?x16xbf16, strided<[?, ?, ?, 1]>>, %out: memref<?x?x?x16xbf16, strided<[?, ?, ?, 1]>>) attributes {tile.plan = #tile.plan<target = "cpu", query_tile = 16, kv_tile = 32, warpgroups = 0, stages = 0, overlap = false, ping_pong = false>} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.forall (%b, %h, %t) in (%c1, %c1, %c1) {
    %query = tile.load %q[%b, %h, %t] : memref<?x?x?x16xbf16, strided<[?, ?, ?, 1]>> -> tensor<16x16xbf16>
    %keys = tile.load %k[%b, %h, %c0] : memref<?x?x?x16xbf16, strided<[?, ?, ?, 1]>> -> tensor<32x16xbf16>
    %s = tile.mma %query, %keys transpose_b : tensor<16x16xbf16>, tensor<32x16xbf16> -> tensor<16x32xf32>
    %y = math.fma %s, %s, %s : tensor<16x32xf32>
    %x = math.exp2 %y : tensor<16x32xf32>
    %zero = arith.constant dense<0.0> : tensor<16x16xf32>
    %p = arith.truncf %x : tensor<16x32xf32> to tensor<16x32xbf16>
    %values = tile.load %v[%b, %h, %c0] : memref<?x?x?x16xbf16, strided<[?, ?, ?, 1]>> -> tensor<32x16xbf16>
    %o = tile.mma %p, %values : tensor<16x32xbf16>, tensor<32x16xbf16> -> tensor<16x16xf32>
    %r = arith.truncf %o : tensor<16x16xf32> to tensor<16x16xbf16>
    tile.store %r, %out[%b, %h, %t] : tensor<16x16xbf16>, memref<?x?x?x16xbf16, strided<[?, ?, ?, 1]>>
  }
  return
}
