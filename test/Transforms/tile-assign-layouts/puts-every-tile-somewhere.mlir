// RUN: attn-opt %s --pass-pipeline='builtin.module(func.func(attn-choose-plan{target=sm_90a},attn-tile-attention,tile-split-ranges,tile-expand-softmax,tile-assign-layouts),canonicalize)' | FileCheck %s

// CHECK-DAG: #accumulator = #tile.layout<accumulator, warpgroups = 3>
// CHECK-DAG: #operand = #tile.layout<operand, warpgroups = 3>
// CHECK-DAG: #row = #tile.layout<row, warpgroups = 3>
// CHECK-LABEL: func.func @attention
// CHECK: tile.load {{.*}} -> !tile.shared<192x64xf16>
// CHECK: tile.mma {{.*}} -> tensor<192x128xf32, #accumulator>
// CHECK: tile.row_max {{.*}}, tensor<192xf32, #row>
// CHECK: %[[P:.*]] = tile.convert_layout {{.*}} -> tensor<192x128xf16, #operand>
// CHECK: tile.mma %[[P]], {{.*}} : tensor<192x128xf16, #operand>, !tile.shared<128x64xf16>
func.func @attention(%q: tensor<?x8x?x64xf16>, %k: tensor<?x2x?x64xf16>, %v: tensor<?x2x?x64xf16>) -> (tensor<?x8x?x64xf16>, tensor<?x8x?xf32>)
    attributes {tile.plan = #tile.plan<target = "sm_90a", query_tile = 192, kv_tile = 128, warpgroups = 3, stages = 2, overlap = true, ping_pong = false>} {
  %out, %lse = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 2>) 
      : (tensor<?x8x?x64xf16>, tensor<?x2x?x64xf16>, tensor<?x2x?x64xf16>) -> (tensor<?x8x?x64xf16>, tensor<?x8x?xf32>)
  return %out, %lse : tensor<?x8x?x64xf16>, tensor<?x8x?xf32>
}
