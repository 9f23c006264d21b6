// RUN: attn-opt %s --pass-pipeline='builtin.module(func.func(tile-expand-regions))' | FileCheck %s

// A load at positions becomes one gather of tiles of positions; loaded bf16 is f32 from the start.
// CHECK-LABEL: func.func @bias
// CHECK-SAME: %[[BIAS:[a-z0-9]+]]: memref<?x?xbf16
// CHECK: %[[QUERIES:.*]] = tile.indices row
// CHECK: %[[KEYS:.*]] = tile.indices column
// CHECK: %[[X:.*]] = tile.gather %[[BIAS]][%[[QUERIES]], %[[KEYS]]] : memref<?x?xbf16, strided<[?, ?]>>[tensor<64x96xi32>, tensor<64x96xi32>] -> tensor<64x96xf32>
// CHECK-NOT: extf
// CHECK: arith.addf %{{.*}}, %[[X]]
func.func @bias(%s: tensor<64x96xf32>, %i: index, %bias: memref<?x?xbf16, strided<[?, ?]>>) -> tensor<64x96xf32> {
  %x = tile.region_score %s[%i, %i, %i, %i] captures(%bias : memref<?x?xbf16, strided<[?, ?]>>) {
  ^bb0(%score: f32, %batch: index, %head: index, %query: index, %key: index, %captured: memref<?x?xbf16, strided<[?, ?]>>):
    %half = memref.load %captured[%query, %key] : memref<?x?xbf16, strided<[?, ?]>>
    %wide = arith.extf %half : bf16 to f32
    %sum = arith.addf %score, %wide : f32
    tile.yield %sum : f32
  } : tensor<64x96xf32>
  return %x : tensor<64x96xf32>
}
