// RUN: attn-opt %s --pass-pipeline='builtin.module(func.func(attn-choose-plan{target=sm_90a}))' | FileCheck %s

// CHECK-LABEL: func.func @planned
// CHECK-SAME: kv_tile = 64
func.func @planned(%q: tensor<?x8x?x64xf16>, %k: tensor<?x8x?x64xf16>, %v: tensor<?x8x?x64xf16>) -> tensor<?x8x?x64xf16>
    attributes {tile.plan = #tile.plan<target = "sm_90a", query_tile = 64, kv_tile = 64, warpgroups = 1, stages = 3, overlap = false, ping_pong = false>} {
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 8>)
      : (tensor<?x8x?x64xf16>, tensor<?x8x?x64xf16>, tensor<?x8x?x64xf16>) -> tensor<?x8x?x64xf16>
  return %out : tensor<?x8x?x64xf16>
}
