// RUN: attn-opt %s --pass-pipeline='builtin.module(func.func(attn-expand-clauses,attn-choose-plan{target=sm_90a},attn-tile-attention,tile-split-ranges,tile-expand-regions,canonicalize,cse,tile-simplify-scores,tile-start-near,canonicalize,cse))' --remark-format=emitRemark --remarks-filter=tile-start-near 2>&1 | FileCheck %s

// Under a causal mask the last block that is visited is the nearest.
// CHECK-NOT: remark
// CHECK-LABEL: func.func @causal
// CHECK: %[[LAST:.*]] = arith.subi %[[COUNT:.*]], %c1
// CHECK: scf.for %[[I:.*]] = %c0 to %[[COUNT]]
// CHECK-NEXT: %[[BLOCK:.*]] = arith.subi %[[LAST]], %[[I]]
// CHECK-NEXT: arith.muli %[[BLOCK]], %c128
func.func @causal(%q: tensor<?x8x?x128xbf16>, %k: tensor<?x8x?x128xbf16>, %v: tensor<?x8x?x128xbf16>, %slopes: tensor<8xf32>)
    -> tensor<?x8x?x128xbf16>
    attributes {tile.plan = #tile.plan<target = "sm_90a", query_tile = 128, kv_tile = 128, warpgroups = 2, stages = 2, overlap = true, ping_pong = false>} {
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 8>) causality(#attn.causality<top_left>) alibi(%slopes)
      : (tensor<?x8x?x128xbf16>, tensor<?x8x?x128xbf16>, tensor<?x8x?x128xbf16>, tensor<8xf32>) -> tensor<?x8x?x128xbf16>
  return %out : tensor<?x8x?x128xbf16>
}

// A score that does not depend on a distance.
// CHECK-LABEL: func.func @capped
// CHECK: %[[LAST:.*]] = arith.subi %[[COUNT:.*]], %c1
// CHECK: scf.for %[[I:.*]] = %c0 to %[[COUNT]]
// CHECK-NEXT: %[[BLOCK:.*]] = arith.subi %[[LAST]], %[[I]]
// CHECK-NEXT: arith.muli %[[BLOCK]], %c128
func.func @capped(%q: tensor<?x8x?x128xbf16>, %k: tensor<?x8x?x128xbf16>, %v: tensor<?x8x?x128xbf16>) -> tensor<?x8x?x128xbf16>
    attributes {tile.plan = #tile.plan<target = "sm_90a", query_tile = 128, kv_tile = 128, warpgroups = 2, stages = 2, overlap = true, ping_pong = false>} {
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 8>) softcap(50.0)
      : (tensor<?x8x?x128xbf16>, tensor<?x8x?x128xbf16>, tensor<?x8x?x128xbf16>) -> tensor<?x8x?x128xbf16>
  return %out : tensor<?x8x?x128xbf16>
}
