// RUN: attn-opt %s --pass-pipeline='builtin.module(func.func(attn-choose-plan{target=sm_90a}))' | FileCheck %s

// What a mask region or a sequence leaves of a tile's work is not known before the launch: the GPU deals programs out.
// CHECK-LABEL: func.func @mask
// CHECK-SAME: ping_pong = false, rescale_threshold
func.func @mask(%q: tensor<?x8x?x64xf16>, %k: tensor<?x8x?x64xf16>, %v: tensor<?x8x?x64xf16>) -> tensor<?x8x?x64xf16> {
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 8>)
      mask {
      ^bb0(%b: index, %h: index, %i: index, %j: index):
        %near = arith.cmpi sge, %j, %i : index
        attn.yield %near : i1
      } : (tensor<?x8x?x64xf16>, tensor<?x8x?x64xf16>, tensor<?x8x?x64xf16>) -> tensor<?x8x?x64xf16>
  return %out : tensor<?x8x?x64xf16>
}

// CHECK-LABEL: func.func @packed
// CHECK-SAME: ping_pong = false, rescale_threshold
func.func @packed(%q: tensor<1x8x?x64xf16>, %k: tensor<1x8x?x64xf16>, %v: tensor<1x8x?x64xf16>, %o: tensor<?xi32>, %p: tensor<?xi32>) -> tensor<1x8x?x64xf16> {
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 8>) packed(query = %o, kv = %p)
      : (tensor<1x8x?x64xf16>, tensor<1x8x?x64xf16>, tensor<1x8x?x64xf16>, tensor<?xi32>, tensor<?xi32>) -> tensor<1x8x?x64xf16>
  return %out : tensor<1x8x?x64xf16>
}

// Under a causal band it grows with the tile.
// CHECK-LABEL: func.func @even
// CHECK-SAME: persistent = true
func.func @even(%q: tensor<?x8x?x128xf16>, %k: tensor<?x8x?x128xf16>, %v: tensor<?x8x?x128xf16>) -> tensor<?x8x?x128xf16> {
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 8>) causality(#attn.causality<top_left>)
      : (tensor<?x8x?x128xf16>, tensor<?x8x?x128xf16>, tensor<?x8x?x128xf16>) -> tensor<?x8x?x128xf16>
  return %out : tensor<?x8x?x128xf16>
}

// Without one, the products of two warpgroups run under the arithmetic of the third. A score of positions then gets a block a program, and
// one of the score alone what a kernel without arithmetic has.
// CHECK-LABEL: func.func @positions
// CHECK-SAME: query_tile = 192, kv_tile = 64
// CHECK-SAME: ping_pong = false, rescale_threshold = 15>
func.func @positions(%q: tensor<?x8x?x128xf16>, %k: tensor<?x8x?x128xf16>, %v: tensor<?x8x?x128xf16>) -> tensor<?x8x?x128xf16> {
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 8>)
      score {
      ^bb0(%s: f32, %b: index, %h: index, %i: index, %j: index):
        %d = arith.subi %i, %j : index
        %x = arith.index_cast %d : index to i32
        %f = arith.sitofp %x : i32 to f32
        %t = arith.addf %s, %f : f32
        attn.yield %t : f32
      } : (tensor<?x8x?x128xf16>, tensor<?x8x?x128xf16>, tensor<?x8x?x128xf16>) -> tensor<?x8x?x128xf16>
  return %out : tensor<?x8x?x128xf16>
}

// CHECK-LABEL: func.func @score
// CHECK-SAME: query_tile = 192, kv_tile = 64
// CHECK-SAME: persistent = true, {{.*}}staged_stores = true, ascending = true, own_ends = true>
func.func @score(%q: tensor<?x8x?x128xf16>, %k: tensor<?x8x?x128xf16>, %v: tensor<?x8x?x128xf16>) -> tensor<?x8x?x128xf16> {
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 8>)
      score {
      ^bb0(%s: f32, %b: index, %h: index, %i: index, %j: index):
        %t = math.tanh %s : f32
        attn.yield %t : f32
      } : (tensor<?x8x?x128xf16>, tensor<?x8x?x128xf16>, tensor<?x8x?x128xf16>) -> tensor<?x8x?x128xf16>
  return %out : tensor<?x8x?x128xf16>
}

// Under a mask region no warpgroup has an end of its own to ask for.
// CHECK-LABEL: func.func @masked_score
// CHECK-SAME: ping_pong = false, rescale_threshold = 15>
func.func @masked_score(%q: tensor<?x8x?x128xf16>, %k: tensor<?x8x?x128xf16>, %v: tensor<?x8x?x128xf16>) -> tensor<?x8x?x128xf16> {
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 8>)
      score {
      ^bb0(%s: f32, %b: index, %h: index, %i: index, %j: index):
        %t = math.tanh %s : f32
        attn.yield %t : f32
      }
      mask {
      ^bb0(%b: index, %h: index, %i: index, %j: index):
        %near = arith.cmpi sge, %j, %i : index
        attn.yield %near : i1
      } : (tensor<?x8x?x128xf16>, tensor<?x8x?x128xf16>, tensor<?x8x?x128xf16>) -> tensor<?x8x?x128xf16>
  return %out : tensor<?x8x?x128xf16>
}

// A score that reads a buffer at keys has no registers for that: two warpgroups, which take turns.
// CHECK-LABEL: func.func @bias
// CHECK-SAME: query_tile = 128, kv_tile = 64
// CHECK-SAME: ping_pong = true, rescale_threshold
func.func @bias(%q: tensor<?x8x?x128xf16>, %k: tensor<?x8x?x128xf16>, %v: tensor<?x8x?x128xf16>, %bias: tensor<?x?xf32>) -> tensor<?x8x?x128xf16> {
  %out = attn.attention %q, %k, %v captures(%bias) heads(#attn.head_grouping<query = 8, kv = 8>)
      score {
      ^bb0(%s: f32, %b: index, %h: index, %i: index, %j: index, %of: tensor<?x?xf32>):
        %x = tensor.extract %of[%i, %j] : tensor<?x?xf32>
        %t = arith.addf %s, %x : f32
        attn.yield %t : f32
      } : (tensor<?x8x?x128xf16>, tensor<?x8x?x128xf16>, tensor<?x8x?x128xf16>, tensor<?x?xf32>) -> tensor<?x8x?x128xf16>
  return %out : tensor<?x8x?x128xf16>
}
