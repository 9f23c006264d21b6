// RUN: attn-opt %s --split-input-file --attn-cpu="stop-after=planned" --verify-diagnostics

#plan = #tile.plan<target = "cpu", query_tile = 64, kv_tile = 128, warpgroups = 0, stages = 0, overlap = false, ping_pong = false, packed_heads = 4>
func.func @group(%q: tensor<1x6x?x64xf32>, %k: tensor<1x2x?x64xf32>, %v: tensor<1x2x?x64xf32>) -> tensor<1x6x?x64xf32> attributes {tile.plan = #plan} {
  // expected-error @+1 {{expects packed_heads of the plan to divide the 3 query heads of a key/value head, got 4}}
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 6, kv = 2>)
      : (tensor<1x6x?x64xf32>, tensor<1x2x?x64xf32>, tensor<1x2x?x64xf32>) -> tensor<1x6x?x64xf32>
  return %out : tensor<1x6x?x64xf32>
}

// -----

#plan = #tile.plan<target = "cpu", query_tile = 64, kv_tile = 128, warpgroups = 0, stages = 0, overlap = false, ping_pong = false, packed_heads = 4>
func.func @mask(%q: tensor<1x4x?x64xf32>, %k: tensor<1x1x?x64xf32>, %v: tensor<1x1x?x64xf32>) -> tensor<1x4x?x64xf32> attributes {tile.plan = #plan} {
  // expected-error @+1 {{expects packed_heads = 1 of the plan, as the mask region reads the head and a tile visits the same keys for all its heads, got 4}}
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 4, kv = 1>) mask {
  ^bb0(%b: index, %h: index, %i: index, %j: index):
    %allowed = arith.cmpi sle, %j, %h : index
    attn.yield %allowed : i1
  } : (tensor<1x4x?x64xf32>, tensor<1x1x?x64xf32>, tensor<1x1x?x64xf32>) -> tensor<1x4x?x64xf32>
  return %out : tensor<1x4x?x64xf32>
}
