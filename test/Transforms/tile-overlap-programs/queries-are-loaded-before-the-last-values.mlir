// RUN: attn-opt %s --pass-pipeline='builtin.module(attn-cuda{stop-after=overlapped})' | FileCheck %s

// A loop over keys that loads keys before the values of the block before would have a last round for values alone. They come behind
// the queries of the next program, for which there is a slot early.
// CHECK-LABEL: func.func @attention
// CHECK: %[[QUERIES:.*]] = tile.alloc_ring : <2, 128x64xbf16>
// CHECK: %[[KEYS:.*]] = tile.alloc_ring : <2, 96x64xbf16>
// CHECK: %[[VALUES:.*]] = tile.alloc_ring : <2, 96x64xbf16>
// CHECK: producer {
// CHECK: %[[LEFT:.*]]:6 = scf.for {{.*}} iter_args(%{{.*}} = %c0, %[[BASE:.*]] = %c0, %[[REST:.*]] = %false, %[[BATCH:.*]] = %c0, %[[HEAD:.*]] = %c0, %[[ROW:.*]] = %c0)
// CHECK: %[[BLOCKS:.*]] = arith.maxsi
// CHECK: tile.put %arg0, %[[QUERIES]]
// CHECK: %[[HASBLOCKS:.*]] = arith.cmpi sgt, %[[BLOCKS]], %c0
// CHECK: %[[BOTH:.*]] = arith.andi %[[REST]], %[[HASBLOCKS]]
// CHECK: scf.if %[[BOTH]] {
// CHECK: %[[COUNT:.*]] = arith.addi %[[BASE]], %c3
// CHECK: tile.put %arg2, %[[VALUES]][%[[COUNT]]] from[%[[BATCH]], %[[HEAD]], %[[ROW]]]
// CHECK: scf.for %[[I:.*]] = %c0 to %[[BLOCKS]] step %c1 {
// CHECK-NOT: scf.if
// CHECK: tile.put %arg1, %[[KEYS]]
// CHECK: %[[BEFORE:.*]] = arith.addi %[[I]], %c-1
// CHECK: %[[OWN:.*]] = arith.cmpi sgt, %[[I]], %c0
// CHECK: scf.if %[[OWN]] {
// CHECK: %[[COUNT:.*]] = arith.addi %[[BASE]], %[[BEFORE]]
// CHECK: tile.put %arg2, %[[VALUES]][%[[COUNT]]]
// What this program leaves, or passes on.
// CHECK: %[[NEXT:.*]] = arith.ori %[[REST]], %[[HASBLOCKS]]
// CHECK: %[[B:.*]] = arith.select %[[HASBLOCKS]], %{{.*}}, %[[BATCH]]
// CHECK: %[[H:.*]] = arith.select %[[HASBLOCKS]], %{{.*}}, %[[HEAD]]
// CHECK: %[[R:.*]] = arith.select %[[HASBLOCKS]], %{{.*}}, %[[ROW]]
// CHECK: scf.yield %{{.*}}, %{{.*}}, %[[NEXT]], %[[B]], %[[H]], %[[R]]
// CHECK: scf.if %[[LEFT]]#2 {
// CHECK: tile.put %arg2, %[[VALUES]][%{{.*}}] from[%[[LEFT]]#3, %[[LEFT]]#4, %[[LEFT]]#5]
// CHECK: } consumers(2)
func.func @attention(%q: tensor<?x8x?x64xbf16>, %k: tensor<?x8x?x64xbf16>, %v: tensor<?x8x?x64xbf16>) -> tensor<?x8x?x64xbf16>
    attributes {tile.plan = #tile.plan<target = "sm_90a", query_tile = 128, kv_tile = 96, warpgroups = 2, stages = 2, overlap = true, ping_pong = false, persistent = true, keys_first = true, overlap_programs = true>} {
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 8>)
      : (tensor<?x8x?x64xbf16>, tensor<?x8x?x64xbf16>, tensor<?x8x?x64xbf16>) -> tensor<?x8x?x64xbf16>
  return %out : tensor<?x8x?x64xbf16>
}
