// RUN: attn-opt %s --pass-pipeline='builtin.module(attn-cuda{stop-after=overlapped})' | FileCheck %s

// With a rescale threshold a step rounds its weights itself, while the product before still reads the last ones. They move to
// the registers of those behind the await. In the first block all rows are fresh, so no condition is left.
// CHECK-LABEL: func.func @attention
// CHECK: consumers(2)
// CHECK-NOT: tile.any_above
// CHECK: scf.for {{.*}} iter_args(%{{.*}}, %[[OLD:[^ ]*]] = %{{[^ ]*}}) -> ({{.*}}#operand>)
// CHECK: %[[S:.*]] = tile.issue_mma
// CHECK: %[[O:.*]] = tile.issue_mma %[[OLD]],
// CHECK: tile.await %[[S]]
// CHECK: tile.any_above
// CHECK: tile.await %[[O]]
// CHECK: %[[NEW:.*]] = tile.convert_layout
// CHECK: %[[P:.*]] = tile.take_over %[[NEW]] from %[[OLD]]
// CHECK: scf.yield {{.*}}, %[[P]] :
func.func @attention(%q: tensor<?x8x?x128xf16>, %k: tensor<?x2x?x128xf16>, %v: tensor<?x2x?x128xf16>) -> tensor<?x8x?x128xf16>
    attributes {tile.plan = #tile.plan<target = "sm_90a", query_tile = 128, kv_tile = 64, warpgroups = 2, stages = 2, overlap = true, ping_pong = false, rescale_threshold = 8>} {
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 2>)
      : (tensor<?x8x?x128xf16>, tensor<?x2x?x128xf16>, tensor<?x2x?x128xf16>) -> tensor<?x8x?x128xf16>
  return %out : tensor<?x8x?x128xf16>
}
