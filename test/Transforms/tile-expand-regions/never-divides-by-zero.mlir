// RUN: attn-opt %s --pass-pipeline='builtin.module(func.func(tile-expand-regions))' | FileCheck %s

// Keys and queries beyond the lengths are computed too, and a divisor may be 0 there, which traps on a CPU.
// CHECK-LABEL: func.func @attention
// CHECK: %[[QUERIES:.*]] = tile.indices row
// CHECK: %[[KEYS:.*]] = tile.indices column
// CHECK: %[[ISZERO:.*]] = arith.cmpi eq, %[[KEYS]], %{{.*}} : tensor<64x96xi32>
// CHECK: %[[SAFE:.*]] = arith.select %[[ISZERO]], %{{.*}}, %[[KEYS]]
// CHECK: arith.remsi %[[QUERIES]], %[[SAFE]]
func.func @attention(%s: tensor<64x96xf32>, %i: index) -> tensor<64x96xf32> {
  %x = tile.region_mask %s[%i, %i, %i, %i] {
  ^bb0(%batch: index, %head: index, %query: index, %key: index):
    %rest = arith.remsi %query, %key : index
    %zero = arith.constant 0 : index
    %multiple = arith.cmpi eq, %rest, %zero : index
    tile.yield %multiple : i1
  } : tensor<64x96xf32>
  return %x : tensor<64x96xf32>
}
