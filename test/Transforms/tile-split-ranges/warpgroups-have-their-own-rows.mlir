// RUN: attn-opt %s --split-input-file --pass-pipeline='builtin.module(attn-cuda{stop-after=split})' | FileCheck %s
// RUN: attn-opt %s --split-input-file --remark-format=emitRemark --remarks-filter=tile-split-ranges --pass-pipeline='builtin.module(attn-cuda{stop-after=split})' -o /dev/null 2>&1 | FileCheck %s --check-prefix=REMARK

// Where a warpgroup has its own rows, a block that is full for them needs no mask; and it ends with the last one that they see,
// where the plan says so, or visits none where no row of it is stored.
// CHECK-LABEL: func.func @causal
// CHECK: %[[SQ:.*]] = memref.dim %arg0, %c2
// CHECK: %[[SK:.*]] = memref.dim %arg1, %c2
// CHECK: %[[DIAGONAL:.*]] = arith.subi %[[SK]], %[[SQ]]
// CHECK: scf.forall
// CHECK: %[[QUERY:.*]] = arith.muli %{{.*}}, %c192
// CHECK: %[[WHOLE:.*]] = arith.select
// CHECK: %[[FIRST:.*]] = tile.own_row
// CHECK: %[[OWN:.*]] = arith.addi %[[QUERY]], %[[FIRST]]
// CHECK: %[[START:.*]] = arith.addi %[[OWN]], %[[DIAGONAL]]
// CHECK: arith.addi %[[START]], %c64
// CHECK: %[[BLOCKS:.*]] = arith.select
// CHECK: %[[STORED:.*]] = arith.cmpi sgt, %{{.*}}, %[[OWN]]
// CHECK: %[[END:.*]] = arith.select %[[STORED]], %[[BLOCKS]], %c0
// CHECK: %[[BOUND:.*]] = tile.own_bound %[[END]] of %[[WHOLE]], 2 fewer
// CHECK: %[[FULL:.*]] = arith.addi %[[START]], %c1
// CHECK: %[[LAST:.*]] = arith.minsi %[[SK]], %[[FULL]]
// CHECK: scf.for %{{.*}} = %c0 to %[[BOUND]]
// CHECK: arith.cmpi sle, %{{.*}}, %[[LAST]]
func.func @causal(%q: tensor<?x8x?x64xf16>, %k: tensor<?x8x?x64xf16>, %v: tensor<?x8x?x64xf16>) -> tensor<?x8x?x64xf16>
    attributes {tile.plan = #tile.plan<target = "sm_90a", query_tile = 192, kv_tile = 80, warpgroups = 3, stages = 2, overlap = true, ping_pong = false, ascending = true, own_ends = true>} {
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 8>) causality(#attn.causality<bottom_right>)
      : (tensor<?x8x?x64xf16>, tensor<?x8x?x64xf16>, tensor<?x8x?x64xf16>) -> tensor<?x8x?x64xf16>
  return %out : tensor<?x8x?x64xf16>
}

// -----

// From the last block on there are masks by warpgroup, but no ends.
// CHECK-LABEL: func.func @descending
// CHECK: tile.own_row
// CHECK-NOT: tile.own_bound
func.func @descending(%q: tensor<?x8x?x64xf16>, %k: tensor<?x8x?x64xf16>, %v: tensor<?x8x?x64xf16>) -> tensor<?x8x?x64xf16>
    attributes {tile.plan = #tile.plan<target = "sm_90a", query_tile = 192, kv_tile = 80, warpgroups = 3, stages = 2, overlap = true, ping_pong = false>} {
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 8>) causality(#attn.causality<bottom_right>)
      : (tensor<?x8x?x64xf16>, tensor<?x8x?x64xf16>, tensor<?x8x?x64xf16>) -> tensor<?x8x?x64xf16>
  return %out : tensor<?x8x?x64xf16>
}

// -----

// Rows of several heads are not apart by warpgroup, and a remark says that the plan asks for it in vain.
// REMARK-COUNT-1: all warpgroups visit the blocks of their query tile: no warpgroup has rows of one head for itself
// CHECK-LABEL: func.func @packed
// CHECK-NOT: tile.own_row
func.func @packed(%q: tensor<?x8x?x64xf16>, %k: tensor<?x2x?x64xf16>, %v: tensor<?x2x?x64xf16>) -> tensor<?x8x?x64xf16>
    attributes {tile.plan = #tile.plan<target = "sm_90a", query_tile = 128, kv_tile = 64, warpgroups = 2, stages = 2, overlap = true, ping_pong = false, packed_heads = 4, ascending = true, own_ends = true>} {
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 2>) causality(#attn.causality<bottom_right>)
      : (tensor<?x8x?x64xf16>, tensor<?x2x?x64xf16>, tensor<?x2x?x64xf16>) -> tensor<?x8x?x64xf16>
  return %out : tensor<?x8x?x64xf16>
}

// -----

// Nor is it done under a mask region.
// CHECK-LABEL: func.func @region
// CHECK-NOT: tile.own_row
// REMARK: all warpgroups visit the blocks of their query tile: its ranges are those of a mask region
// REMARK-NOT: all warpgroups
func.func @region(%q: tensor<?x8x?x64xf16>, %k: tensor<?x8x?x64xf16>, %v: tensor<?x8x?x64xf16>) -> tensor<?x8x?x64xf16>
    attributes {tile.plan = #tile.plan<target = "sm_90a", query_tile = 128, kv_tile = 64, warpgroups = 2, stages = 2, overlap = true, ping_pong = false, ascending = true, own_ends = true>} {
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 8>) causality(#attn.causality<bottom_right>) chunk(512)
      : (tensor<?x8x?x64xf16>, tensor<?x8x?x64xf16>, tensor<?x8x?x64xf16>) -> tensor<?x8x?x64xf16>
  return %out : tensor<?x8x?x64xf16>
}
