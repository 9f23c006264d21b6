// RUN: attn-opt %s --split-input-file --pass-pipeline='builtin.module(attn-cuda{stop-after=overlapped})' | FileCheck %s

// Where the last round has programs for half of the blocks or fewer, two or three blocks share each, by warpgroups: one without
// rows in a program visits no keys of it and stores nothing. Both roles count the same programs.
// CHECK-LABEL: func.func @attention
// CHECK: %[[BLOCKS:.*]] = gpu.grid_dim  x
// CHECK: %[[PROGRAMS:.*]] = arith.muli
// CHECK: %[[ROUNDS:.*]] = arith.divui %[[PROGRAMS]], %[[BLOCKS]]
// CHECK: %[[WHOLE:.*]] = arith.muli %[[ROUNDS]], %[[BLOCKS]]
// CHECK: %[[LEFT:.*]] = arith.subi %[[PROGRAMS]], %[[WHOLE]]
// CHECK: %[[TWO:.*]] = arith.select %{{.*}}, %c2, %c1
// CHECK: %[[SHARERS:.*]] = arith.select %{{.*}}, %c3, %[[TWO]]
// CHECK: %[[MORE:.*]] = arith.muli %[[LEFT]], %[[SHARERS]]
// CHECK: %[[END:.*]] = arith.addi %[[WHOLE]], %[[MORE]]
// CHECK: producer {
// CHECK: scf.for %{{.*}} = %block_id_x to %[[END]] step %[[BLOCKS]]
// CHECK-NOT: tile.own_row
// CHECK: } consumers(3) {
// CHECK: scf.for %[[NUMBER:.*]] = %block_id_x to %[[END]] step %[[BLOCKS]]
// CHECK: %[[ROW:.*]] = tile.own_row
// CHECK: %[[WARPGROUP:.*]] = arith.divui %[[ROW]], %c64
// CHECK: %[[PART:.*]] = arith.divui %{{.*}}, %c3
// CHECK: %[[MINE:.*]] = arith.remui %{{.*}}, %[[SHARERS]]
// CHECK: %[[IN_WHOLE:.*]] = arith.cmpi slt, %[[NUMBER]], %[[WHOLE]]
// CHECK: %[[IS_MINE:.*]] = arith.cmpi eq, %[[PART]], %[[MINE]]
// CHECK: %[[HAS_ROWS:.*]] = arith.ori %[[IN_WHOLE]], %[[IS_MINE]]
// CHECK: %[[OWN_END:.*]] = arith.select %[[HAS_ROWS]], %{{.*}}, %c0
// CHECK: tile.own_bound %[[OWN_END]] of %{{.*}}, 0 fewer
// CHECK: scf.if %[[HAS_ROWS]] {
// CHECK-NEXT: tile.store
// CHECK-NEXT: }
// CHECK: tile.skip
func.func @attention(%q: tensor<?x8x?x64xf16>, %k: tensor<?x8x?x64xf16>, %v: tensor<?x8x?x64xf16>) -> tensor<?x8x?x64xf16>
    attributes {tile.plan = #tile.plan<target = "sm_90a", query_tile = 192, kv_tile = 80, warpgroups = 3, stages = 2, overlap = true, ping_pong = false, persistent = true, ascending = true, own_ends = true>} {
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 8>)
      : (tensor<?x8x?x64xf16>, tensor<?x8x?x64xf16>, tensor<?x8x?x64xf16>) -> tensor<?x8x?x64xf16>
  return %out : tensor<?x8x?x64xf16>
}

// -----

// Under a causal mask the last programs are the light ones.
// CHECK-LABEL: func.func @causal
// CHECK: consumers(3)
// CHECK: tile.own_bound
// CHECK-NOT: scf.if %{{.*}} {{[{]$}}{{[[:space:]]+}}tile.store
func.func @causal(%q: tensor<?x8x?x64xf16>, %k: tensor<?x8x?x64xf16>, %v: tensor<?x8x?x64xf16>) -> tensor<?x8x?x64xf16>
    attributes {tile.plan = #tile.plan<target = "sm_90a", query_tile = 192, kv_tile = 80, warpgroups = 3, stages = 2, overlap = true, ping_pong = false, persistent = true, ascending = true, own_ends = true>} {
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 8>) causality(#attn.causality<bottom_right>)
      : (tensor<?x8x?x64xf16>, tensor<?x8x?x64xf16>, tensor<?x8x?x64xf16>) -> tensor<?x8x?x64xf16>
  return %out : tensor<?x8x?x64xf16>
}
