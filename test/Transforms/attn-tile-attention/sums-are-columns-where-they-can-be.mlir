// RUN: attn-opt %s --split-input-file --pass-pipeline='builtin.module(func.func(attn-choose-plan{target=sm_90a},attn-tile-attention))' | FileCheck %s
// RUN: attn-opt %s --split-input-file --pass-pipeline='builtin.module(func.func(attn-choose-plan{target=sm_90a},attn-tile-attention))' --remark-format=emitRemark --remarks-filter=attn-tile-attention -o /dev/null 2>&1 | FileCheck %s --check-prefix=REMARK

// REMARK: the product with the values makes the sums of the weights too
// CHECK-LABEL: func.func @columns
// CHECK: tile.softmax_step {{.*}} tensor<64x72xf32>
#plan = #tile.plan<target = "sm_90a", query_tile = 64, kv_tile = 96, warpgroups = 1, stages = 2, overlap = true, ping_pong = false, rescale_threshold = 8, sum_column = true>
func.func @columns(%q: tensor<?x2x?x64xbf16>, %k: tensor<?x2x?x64xbf16>, %v: tensor<?x2x?x64xbf16>) -> tensor<?x2x?x64xbf16>
    attributes {tile.plan = #plan} {
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 2, kv = 2>)
      : (tensor<?x2x?x64xbf16>, tensor<?x2x?x64xbf16>, tensor<?x2x?x64xbf16>) -> tensor<?x2x?x64xbf16>
  return %out : tensor<?x2x?x64xbf16>
}

// -----

// REMARK: sums are not a column of the accumulator: the log-sum-exp is stored
// CHECK-LABEL: func.func @stored
// CHECK: tile.softmax_step {{.*}} tensor<64x64xf32>
#plan = #tile.plan<target = "sm_90a", query_tile = 64, kv_tile = 96, warpgroups = 1, stages = 2, overlap = true, ping_pong = false, rescale_threshold = 8, sum_column = true>
func.func @stored(%q: tensor<?x2x?x64xbf16>, %k: tensor<?x2x?x64xbf16>, %v: tensor<?x2x?x64xbf16>) -> (tensor<?x2x?x64xbf16>, tensor<?x2x?xf32>)
    attributes {tile.plan = #plan} {
  %out, %lse = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 2, kv = 2>)
      : (tensor<?x2x?x64xbf16>, tensor<?x2x?x64xbf16>, tensor<?x2x?x64xbf16>) -> (tensor<?x2x?x64xbf16>, tensor<?x2x?xf32>)
  return %out, %lse : tensor<?x2x?x64xbf16>, tensor<?x2x?xf32>
}

// -----

// REMARK: sums are not a column of the accumulator: dropout leaves out weights that count in the sum
// CHECK-LABEL: func.func @dropped
// CHECK: tile.softmax_step {{.*}} tensor<64x64xf32>
#plan = #tile.plan<target = "sm_90a", query_tile = 64, kv_tile = 96, warpgroups = 1, stages = 2, overlap = true, ping_pong = false, rescale_threshold = 8, sum_column = true>
func.func @dropped(%q: tensor<?x2x?x64xbf16>, %k: tensor<?x2x?x64xbf16>, %v: tensor<?x2x?x64xbf16>) -> tensor<?x2x?x64xbf16>
    attributes {tile.plan = #plan} {
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 2, kv = 2>) dropout(#attn.dropout<probability = 0.1, seed = 7>)
      : (tensor<?x2x?x64xbf16>, tensor<?x2x?x64xbf16>, tensor<?x2x?x64xbf16>) -> tensor<?x2x?x64xbf16>
  return %out : tensor<?x2x?x64xbf16>
}

// -----

// REMARK: sums are not a column of the accumulator: value_dim is not 64
// CHECK-LABEL: func.func @wide
// CHECK: tile.softmax_step {{.*}} tensor<64x128xf32>
#plan = #tile.plan<target = "sm_90a", query_tile = 64, kv_tile = 96, warpgroups = 1, stages = 2, overlap = true, ping_pong = false, rescale_threshold = 8, sum_column = true>
func.func @wide(%q: tensor<?x2x?x128xbf16>, %k: tensor<?x2x?x128xbf16>, %v: tensor<?x2x?x128xbf16>) -> tensor<?x2x?x128xbf16>
    attributes {tile.plan = #plan} {
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 2, kv = 2>)
      : (tensor<?x2x?x128xbf16>, tensor<?x2x?x128xbf16>, tensor<?x2x?x128xbf16>) -> tensor<?x2x?x128xbf16>
  return %out : tensor<?x2x?x128xbf16>
}
