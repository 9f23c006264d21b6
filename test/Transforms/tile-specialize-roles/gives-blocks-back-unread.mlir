// RUN: attn-opt %s --pass-pipeline='builtin.module(attn-cuda{stop-after=specialized})' | FileCheck %s

// The producer loads the blocks of the tile; a warpgroup ends with its own, and gives the others back behind its store.
// CHECK-LABEL: func.func @attention
// CHECK: scf.forall
// CHECK: %[[KR:.*]] = tile.alloc_ring : <2, 80x64xf16>
// CHECK: %[[VR:.*]] = tile.alloc_ring : <2, 80x64xf16>
// CHECK: %[[WHOLE:.*]] = arith.select
// CHECK-NOT: tile.own
// CHECK: tile.roles {{.*}} producer {
// CHECK-NOT: tile.own
// CHECK: scf.for %{{.*}} = %c0 to %[[WHOLE]]
// CHECK: } consumers(3) {
// CHECK: tile.own_row
// CHECK: %[[BOUND:.*]] = tile.own_bound %{{.*}} of %[[WHOLE]], 2 fewer
// CHECK: scf.for %{{.*}} = %c0 to %[[BOUND]]
// CHECK: tile.store
// CHECK-NEXT: scf.for %[[I:.*]] = %[[BOUND]] to %[[WHOLE]]
// CHECK-NEXT: tile.wait_full %[[KR]][%[[I]]]
// CHECK-NEXT: %[[K:.*]] = tile.slot %[[KR]][%[[I]]]
// CHECK-NEXT: tile.skip %[[K]]
// CHECK-NEXT: tile.release %[[KR]][%[[I]]]
// CHECK-NEXT: tile.wait_full %[[VR]][%[[I]]]
// CHECK-NEXT: %[[V:.*]] = tile.slot %[[VR]][%[[I]]]
// CHECK-NEXT: tile.skip %[[V]]
// CHECK-NEXT: tile.release %[[VR]][%[[I]]]
// CHECK-NEXT: }
// CHECK-NEXT: }
func.func @attention(%q: tensor<?x8x?x64xf16>, %k: tensor<?x8x?x64xf16>, %v: tensor<?x8x?x64xf16>) -> tensor<?x8x?x64xf16>
    attributes {tile.plan = #tile.plan<target = "sm_90a", query_tile = 192, kv_tile = 80, warpgroups = 3, stages = 2, overlap = true, ping_pong = false, ascending = true, own_ends = true>} {
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 8>) causality(#attn.causality<bottom_right>)
      : (tensor<?x8x?x64xf16>, tensor<?x8x?x64xf16>, tensor<?x8x?x64xf16>) -> tensor<?x8x?x64xf16>
  return %out : tensor<?x8x?x64xf16>
}
