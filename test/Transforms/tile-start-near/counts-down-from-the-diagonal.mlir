// RUN: attn-opt %s --pass-pipeline='builtin.module(func.func(attn-expand-clauses,attn-choose-plan{target=sm_90a},attn-tile-attention,tile-split-ranges,tile-expand-regions,canonicalize,cse,tile-simplify-scores,tile-start-near,canonicalize,cse))' --remark-format=emitRemark --remarks-filter=tile-start-near 2>&1 | FileCheck %s

// The first block is that of the key beside the tile's last query, at most the last one; behind block 0 the last one follows.
// CHECK: scores depend on the distance of query and key, so the nearest keys are visited first
// CHECK-LABEL: func.func @both_ways
// CHECK: %[[COUNT:.*]] = arith.select
// CHECK: %[[LAST:.*]] = arith.subi %[[COUNT]], %c1
// CHECK: %[[FROM:.*]] = arith.maxsi %{{.*}}, %c0
// CHECK: %[[NEAR:.*]] = arith.divui %[[FROM]], %c128
// CHECK: %[[START:.*]] = arith.minsi %[[NEAR]], %[[LAST]]
// CHECK: scf.for %[[I:.*]] = %c0 to %[[COUNT]]
// CHECK: %[[DOWN:.*]] = arith.subi %[[START]], %[[I]]
// CHECK: %[[AGAIN:.*]] = arith.addi %[[DOWN]], %[[COUNT]]
// CHECK: %[[BELOW:.*]] = arith.cmpi slt, %[[DOWN]], %c0
// CHECK: %[[BLOCK:.*]] = arith.select %[[BELOW]], %[[AGAIN]], %[[DOWN]]
// CHECK: arith.muli %[[BLOCK]], %c128
func.func @both_ways(%q: tensor<?x8x?x128xbf16>, %k: tensor<?x8x?x128xbf16>, %v: tensor<?x8x?x128xbf16>, %slopes: tensor<8xf32>)
    -> tensor<?x8x?x128xbf16>
    attributes {tile.plan = #tile.plan<target = "sm_90a", query_tile = 128, kv_tile = 128, warpgroups = 2, stages = 2, overlap = true, ping_pong = false>} {
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 8>) alibi(%slopes)
      : (tensor<?x8x?x128xbf16>, tensor<?x8x?x128xbf16>, tensor<?x8x?x128xbf16>, tensor<8xf32>) -> tensor<?x8x?x128xbf16>
  return %out : tensor<?x8x?x128xbf16>
}
