// RUN: attn-opt %s --pass-pipeline='builtin.module(attn-cuda{stop-after=overlapped})' | FileCheck %s

// The producer's loop has one round more than there are blocks: keys in all but the last, values in all but the first.
// CHECK-LABEL: func.func @attention
// CHECK: %[[KEYS:.*]] = tile.alloc_ring : <2, 96x64xbf16>
// CHECK: %[[VALUES:.*]] = tile.alloc_ring : <2, 96x64xbf16>
// CHECK: %[[ROUNDS:.*]] = arith.addi %[[BLOCKS:.*]], %c1
// CHECK: producer {
// CHECK: scf.for %[[I:.*]] = %c0 to %[[ROUNDS]] step %c1 {
// CHECK: %[[MORE:.*]] = arith.cmpi slt, %[[I]], %[[BLOCKS]]
// CHECK: scf.if %[[MORE]] {
// CHECK: tile.put %{{.*}}, %[[KEYS]][%[[I]]]
// CHECK: %[[BEFORE:.*]] = arith.addi %[[I]], %c-1
// CHECK: %[[NOTFIRST:.*]] = arith.cmpi sgt, %[[I]], %c0
// CHECK: scf.if %[[NOTFIRST]] {
// CHECK: tile.put %{{.*}}, %[[VALUES]][%[[BEFORE]]]
// CHECK: } consumers(3)
func.func @attention(%q: tensor<?x8x?x64xbf16>, %k: tensor<?x8x?x64xbf16>, %v: tensor<?x8x?x64xbf16>) -> tensor<?x8x?x64xbf16>
    attributes {tile.plan = #tile.plan<target = "sm_90a", query_tile = 192, kv_tile = 96, warpgroups = 3, stages = 2, overlap = true, ping_pong = false, keys_first = true>} {
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 8>)
      : (tensor<?x8x?x64xbf16>, tensor<?x8x?x64xbf16>, tensor<?x8x?x64xbf16>) -> tensor<?x8x?x64xbf16>
  return %out : tensor<?x8x?x64xbf16>
}
