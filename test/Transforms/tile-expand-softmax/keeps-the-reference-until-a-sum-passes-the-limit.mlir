// RUN: attn-opt %s --pass-pipeline='builtin.module(func.func(attn-choose-plan{target=sm_90a},attn-tile-attention,tile-split-ranges,tile-expand-softmax),canonicalize)' | FileCheck %s

// Weights are taken relative to the old reference. Only if a sum passes 2^8, or a row has none so far, is the maximum looked
// for, in the rows concerned, and the weights are computed again and the accumulator rescaled.
// CHECK-LABEL: func.func @attention
// CHECK: scf.for {{.*}} iter_args(%[[O:.*]] = {{.*}}, %[[M:.*]] = {{.*}}, %[[L:[^ ]*]] =
// CHECK-NOT: tile.row_max
// CHECK: %[[P:.*]] = math.exp2
// CHECK: %[[SUM:.*]] = tile.row_accumulate %{{.*}}, %{{.*}}, %[[P]]
// CHECK: %[[W:.*]] = arith.truncf %[[P]]
// CHECK: %[[FRESH:.*]] = arith.cmpf oeq, %[[M]]
// CHECK: %[[ANY:.*]] = tile.any_above %[[SUM]], 2.560000e+02 or %[[FRESH]]
// CHECK: %[[NEW:.*]]:4 = scf.if %[[ANY]]
// CHECK: %[[MAX:.*]] = tile.row_max %{{.*}}, %[[M]]
// CHECK: %[[ROWS:.*]] = tile.rows_above %[[SUM]], 2.560000e+02 or %[[FRESH]]
// CHECK: %[[M1:.*]] = arith.select %[[ROWS]], %[[MAX]], %[[M]]
// CHECK: %[[FACTOR:.*]] = arith.select %[[ROWS]]
// CHECK: math.exp2
// CHECK: scf.yield %{{.*}}, %{{.*}}, %[[M1]], %[[FACTOR]]
// CHECK: scf.yield %[[W]], %[[SUM]], %[[M]]
// CHECK: %[[L1:.*]] = tile.combine_sums %[[L]], %[[NEW]]#3, %[[NEW]]#1
// CHECK: %[[R:.*]] = scf.if %[[ANY]]
// CHECK: arith.mulf %[[O]]
// CHECK: scf.yield %[[O]]
// CHECK: %[[O1:.*]] = tile.mma %[[NEW]]#0, %{{.*}}, %[[R]]
// CHECK: scf.yield %[[O1]], %[[NEW]]#2, %[[L1]]
func.func @attention(%q: tensor<?x8x?x64xf16>, %k: tensor<?x2x?x64xf16>, %v: tensor<?x2x?x64xf16>) -> tensor<?x8x?x64xf16>
    attributes {tile.plan = #tile.plan<target = "sm_90a", query_tile = 64, kv_tile = 96, warpgroups = 1, stages = 2, overlap = true, ping_pong = false, rescale_threshold = 8>} {
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 2>)
      : (tensor<?x8x?x64xf16>, tensor<?x2x?x64xf16>, tensor<?x2x?x64xf16>) -> tensor<?x8x?x64xf16>
  return %out : tensor<?x8x?x64xf16>
}
