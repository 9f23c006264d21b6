// RUN: attn-opt %s --pass-pipeline='builtin.module(attn-cuda{stop-after=overlapped})' | FileCheck %s
// RUN: attn-opt %s --pass-pipeline='builtin.module(attn-cuda{stop-after=checked})' --remark-format=emitRemark --remarks-filter=tile-overlap-programs -o /dev/null 2>&1 | FileCheck %s --check-prefix=REMARK
// REMARK: a program ends under the first scores of the next one, whose queries are loaded behind its last values

// CHECK-LABEL: func.func @attention
// CHECK: %[[QUERIES:.*]] = tile.alloc_ring : <2, 128x64xbf16>
// CHECK: %[[KEYS:.*]] = tile.alloc_ring : <2, 96x64xbf16>
// CHECK: %[[VALUES:.*]] = tile.alloc_ring : <2, 96x64xbf16>
// CHECK: consumers(2)
// Of the program before: whether it left a rest, its accumulator, its weights, its sums and where its output goes.
// CHECK: %[[LEFT:.*]]:9 = scf.for {{.*}} iter_args(%[[QUERY:.*]] = %c0, %[[BASE:.*]] = %c0, %[[REST:.*]] = %false, %[[ACC:.*]] = %{{.*}}, %[[WEIGHTS:.*]] = %{{.*}}, %[[SUMS:.*]] = %{{.*}}, %[[BATCH:.*]] = %c0, %[[HEAD:.*]] = %c0, %[[ROW:.*]] = %c0)
// CHECK: scf.if %[[HASBLOCKS:.*]] ->
// CHECK: %[[SCORES:.*]] = scf.if %[[REST]]
// Three more than the base is, modulo four, one less.
// CHECK: %[[LAST:.*]] = arith.addi %[[BASE]], %c3
// CHECK: tile.wait_full %[[VALUES]][%[[LAST]]]
// CHECK: %[[VALUE:.*]] = tile.slot %[[VALUES]][%[[LAST]]]
// CHECK: %[[PRODUCT:.*]] = tile.issue_mma %[[WEIGHTS]], %[[VALUE]], %[[ACC]]
// What does not need the product is done while it runs.
// CHECK: tile.row_total %[[SUMS]]
// CHECK: tile.wait_full %[[QUERIES]][%[[QUERY]]]
// CHECK: tile.wait_full %[[KEYS]][%[[BASE]]]
// CHECK: %[[NEXT:.*]] = tile.issue_mma {{.*}} transpose_b
// CHECK: tile.await %[[PRODUCT]]
// CHECK: tile.release %[[VALUES]][%[[LAST]]]
// CHECK: tile.store %{{.*}}, %arg3[%[[BATCH]], %[[HEAD]], %[[ROW]]]
// CHECK: tile.await %[[NEXT]]
// CHECK: tile.release %[[KEYS]][%[[BASE]]]
// CHECK: } else {
// The first program, and one behind programs without keys.
// CHECK-NOT: %[[VALUES]]
// CHECK: tile.issue_mma {{.*}} transpose_b
// CHECK: scf.for
// CHECK: tile.release %[[QUERIES]][%[[QUERY]]]
// CHECK-NOT: %[[VALUES]]
// A program without keys ends at once, and passes the rest on.
// CHECK: } else {
// CHECK: tile.wait_full %[[QUERIES]][%[[QUERY]]]
// CHECK: tile.release %[[QUERIES]][%[[QUERY]]]
// CHECK: tile.store
// CHECK-NEXT: scf.yield %[[ACC]], %[[WEIGHTS]], %[[SUMS]]
// CHECK: arith.ori %[[REST]], %[[HASBLOCKS]]
// Behind the loop, the rest of the last program.
// CHECK: scf.if %[[LEFT]]#2 {
// CHECK: %[[LAST:.*]] = arith.addi %[[LEFT]]#1, %c3
// CHECK: tile.wait_full %[[VALUES]][%[[LAST]]]
// CHECK: tile.issue_mma %[[LEFT]]#4, %{{.*}}, %[[LEFT]]#3
// CHECK: tile.store %{{.*}}, %arg3[%[[LEFT]]#6, %[[LEFT]]#7, %[[LEFT]]#8]
func.func @attention(%q: tensor<?x8x?x64xbf16>, %k: tensor<?x8x?x64xbf16>, %v: tensor<?x8x?x64xbf16>) -> tensor<?x8x?x64xbf16>
    attributes {tile.plan = #tile.plan<target = "sm_90a", query_tile = 128, kv_tile = 96, warpgroups = 2, stages = 2, overlap = true, ping_pong = false, persistent = true, overlap_programs = true>} {
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 8>)
      : (tensor<?x8x?x64xbf16>, tensor<?x8x?x64xbf16>, tensor<?x8x?x64xbf16>) -> tensor<?x8x?x64xbf16>
  return %out : tensor<?x8x?x64xbf16>
}
