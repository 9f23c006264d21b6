// RUN: attn-opt %s --pass-pipeline='builtin.module(func.func(tile-expand-regions))' | FileCheck %s

// Scores stay scores, indices become i32 tiles with the block's position, batch and head are the same everywhere.
// CHECK-LABEL: func.func @score
// CHECK-SAME: %[[S:.*]]: tensor<64x96xf32>, %[[B:.*]]: index, %[[H:.*]]: index, %[[Q:.*]]: index, %[[K:.*]]: index
// CHECK: %[[HEAD:.*]] = arith.index_cast %[[H]] : index to i32
// CHECK: %[[HEADS:.*]] = tensor.splat %[[HEAD]] : tensor<64x96xi32>
// CHECK: %[[QUERIES:.*]] = tile.indices row %[[Q]] : tensor<64x96xi32>
// CHECK: %[[KEYS:.*]] = tile.indices column %[[K]] : tensor<64x96xi32>
// CHECK: %[[DISTANCE:.*]] = arith.subi %[[KEYS]], %[[QUERIES]] : tensor<64x96xi32>
// CHECK: %[[PRODUCT:.*]] = arith.muli %[[DISTANCE]], %[[HEADS]] : tensor<64x96xi32>
// CHECK: %[[BIAS:.*]] = arith.sitofp %[[PRODUCT]] : tensor<64x96xi32> to tensor<64x96xf32>
// CHECK: %[[X:.*]] = arith.addf %[[S]], %[[BIAS]] : tensor<64x96xf32>
// CHECK: return %[[X]]
func.func @score(%s: tensor<64x96xf32>, %b: index, %h: index, %q0: index, %k0: index) -> tensor<64x96xf32> {
  %x = tile.region_score %s[%b, %h, %q0, %k0] {
  ^bb0(%score: f32, %batch: index, %head: index, %query: index, %key: index):
    %distance = arith.subi %key, %query : index
    %product = arith.muli %distance, %head : index
    %narrow = arith.index_cast %product : index to i32
    %bias = arith.sitofp %narrow : i32 to f32
    %sum = arith.addf %score, %bias : f32
    tile.yield %sum : f32
  } : tensor<64x96xf32>
  return %x : tensor<64x96xf32>
}

// CHECK-LABEL: func.func @mask
// CHECK-SAME: %[[S:.*]]: tensor<64x96xf32>
// CHECK: %[[ALLOWED:.*]] = arith.cmpi sle, {{.*}} : tensor<64x96xi32>
// CHECK: %[[NONE:.*]] = arith.constant dense<0xFF800000> : tensor<64x96xf32>
// CHECK: %[[X:.*]] = arith.select %[[ALLOWED]], %[[S]], %[[NONE]]
// CHECK: return %[[X]]
func.func @mask(%s: tensor<64x96xf32>, %b: index, %h: index, %q0: index, %k0: index) -> tensor<64x96xf32> {
  %x = tile.region_mask %s[%b, %h, %q0, %k0] {
  ^bb0(%batch: index, %head: index, %query: index, %key: index):
    %causal = arith.cmpi sle, %key, %query : index
    tile.yield %causal : i1
  } : tensor<64x96xf32>
  return %x : tensor<64x96xf32>
}
