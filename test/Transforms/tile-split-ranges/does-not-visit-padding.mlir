// RUN: attn-opt %s --pass-pipeline='builtin.module(attn-cuda{stop-after=split})' | FileCheck %s

// The lengths of the batch take the place of the extents: a query tile in padding has no keys and visits no block, and one
// that reaches into padding has no full block.
// CHECK-LABEL: func @padded
// CHECK-SAME: tile.roles = ["query", "key", "value", "query_lengths", "kv_lengths", "output"]
// CHECK: scf.forall (%[[B:.*]], %{{.*}}, %{{.*}}) in
// CHECK-DAG: %[[ROW:.*]] = arith.muli %{{.*}}, %c128
// CHECK: tile.element %[[LQ:.*]][%[[B]]]
// CHECK: %[[SQ:.*]] = arith.maxsi
// CHECK: tile.element %[[LK:.*]][%[[B]]]
// CHECK: %[[SK:.*]] = arith.maxsi
// CHECK: %[[D:.*]] = arith.subi %[[SK]], %[[SQ]]
// CHECK: %[[HAS:.*]] = arith.cmpi slt, %[[ROW]], %[[SQ]]
// CHECK: %[[KEYS:.*]] = arith.select %[[HAS]], %[[SK]], %c0
// CHECK: tile.load %{{.*}} below %[[SQ]]
// CHECK: scf.for
// CHECK: tile.load %{{.*}} below %[[SK]]
// CHECK: tile.load %{{.*}} below %[[SK]]
// CHECK: scf.if
// CHECK: tile.band_mask %{{.*}} queries %[[SQ]] keys %[[KEYS]] diagonal %[[D]] upper 0
func.func @padded(%q: tensor<?x4x?x64xbf16>, %k: tensor<?x4x?x64xbf16>, %v: tensor<?x4x?x64xbf16>, %lq: tensor<?xi32>,
                  %lk: tensor<?xi32>) -> tensor<?x4x?x64xbf16>
    attributes {tile.plan = #tile.plan<target = "sm_90a", query_tile = 128, kv_tile = 128, warpgroups = 2, stages = 2, overlap = true, ping_pong = false>} {
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 4, kv = 4>) lengths(query = %lq, kv = %lk)
      causality(#attn.causality<bottom_right>)
      : (tensor<?x4x?x64xbf16>, tensor<?x4x?x64xbf16>, tensor<?x4x?x64xbf16>, tensor<?xi32>, tensor<?xi32>) -> tensor<?x4x?x64xbf16>
  return %out : tensor<?x4x?x64xbf16>
}
