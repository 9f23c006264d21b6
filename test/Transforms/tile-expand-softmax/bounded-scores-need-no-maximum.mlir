// RUN: attn-opt %s --split-input-file --attn-cuda="stop-after=stepped" | FileCheck %s
// RUN: attn-opt %s --split-input-file --attn-cuda="stop-after=stepped" --remark-format=emitRemark --remarks-filter=tile-expand-softmax -o /dev/null 2>&1 | FileCheck %s --check-prefix=REMARK

// 50 * log2(e) = 72.1: weights are powers of the scores, the accumulator is never rescaled, and the loop carries no maximum.
// REMARK: scores are at most 72.1 powers of two from 0, so no maximum is kept
// CHECK-LABEL: func.func @softcap
// CHECK-NOT: tile.row_max
// CHECK-NOT: tile.any_above
// CHECK: scf.for {{.*}} iter_args(%[[O:.*]] = {{.*}}, %[[L:[^ ]*]] = {{.*}}) -> (tensor<128x128xf32>, !tile.partial<128xf32>)
// CHECK: %[[CAPPED:.*]] = math.tanh
// CHECK: %[[MASKED:.*]] = scf.if
// CHECK: arith.select %{{.*}}, %[[CAPPED]]
// CHECK: %[[E:.*]] = math.fma %[[MASKED]]
// CHECK: %[[P:.*]] = math.exp2 %[[E]]
// CHECK: %[[L1:.*]] = tile.row_accumulate %[[L]], %{{.*}}, %[[P]]
// CHECK: %[[W:.*]] = arith.truncf %[[P]]
// CHECK: %[[O1:.*]] = tile.mma %[[W]], %{{.*}}, %[[O]]
// CHECK: scf.yield %[[O1]], %[[L1]]
func.func @softcap(%q: tensor<?x8x?x128xbf16>, %k: tensor<?x8x?x128xbf16>, %v: tensor<?x8x?x128xbf16>) -> tensor<?x8x?x128xbf16>
    attributes {tile.plan = #tile.plan<target = "sm_90a", query_tile = 128, kv_tile = 128, warpgroups = 2, stages = 2, overlap = true, ping_pong = false, rescale_threshold = 15>} {
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 8>) softcap(50.0)
      : (tensor<?x8x?x128xbf16>, tensor<?x8x?x128xbf16>, tensor<?x8x?x128xbf16>) -> tensor<?x8x?x128xbf16>
  return %out : tensor<?x8x?x128xbf16>
}

// -----

// Nor are they looked at where the product makes their sums.
// REMARK: scores are at most 72.1 powers of two from 0
// CHECK-LABEL: func.func @column
// CHECK-NOT: tile.row_ceiling
// CHECK-NOT: tile.row_accumulate
// CHECK: tile.mma {{.*}} beside
// CHECK: tile.detach_sums
func.func @column(%q: tensor<?x8x?x64xbf16>, %k: tensor<?x8x?x64xbf16>, %v: tensor<?x8x?x64xbf16>) -> tensor<?x8x?x64xbf16>
    attributes {tile.plan = #tile.plan<target = "sm_90a", query_tile = 128, kv_tile = 128, warpgroups = 2, stages = 2, overlap = true, ping_pong = false, rescale_threshold = 15, sum_column = true>} {
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 8>) softcap(50.0)
      : (tensor<?x8x?x64xbf16>, tensor<?x8x?x64xbf16>, tensor<?x8x?x64xbf16>) -> tensor<?x8x?x64xbf16>
  return %out : tensor<?x8x?x64xbf16>
}

// -----

// A row whose keys are all masked has no weight beside its sink, as if its maximum were -inf.
// REMARK: scores are at most 43.3 powers of two from 0
// REMARK-NOT: powers of two from 0
// CHECK-LABEL: func.func @with_a_sink
// CHECK: %[[SUM:.*]] = tile.row_total
// CHECK: %[[EMPTY:.*]] = arith.cmpf oeq, %[[SUM]]
// CHECK: %[[MAX:.*]] = arith.select %[[EMPTY]], %{{.*}}, %{{.*}}
// CHECK: arith.mulf %[[MAX]]
func.func @with_a_sink(%q: tensor<?x8x?x64xbf16>, %k: tensor<?x8x?x64xbf16>, %v: tensor<?x8x?x64xbf16>, %sinks: tensor<?xf32>) -> tensor<?x8x?x64xbf16> {
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 8>) causality(#attn.causality<top_left>) softcap(30.0) sinks(%sinks)
      : (tensor<?x8x?x64xbf16>, tensor<?x8x?x64xbf16>, tensor<?x8x?x64xbf16>, tensor<?xf32>) -> tensor<?x8x?x64xbf16>
  return %out : tensor<?x8x?x64xbf16>
}

// -----

// Weights of f16 go up to 2^16, and 86.6 is too far from 0 for any type.
// CHECK-LABEL: func.func @half
// CHECK: tile.any_above
func.func @half(%q: tensor<?x8x?x64xf16>, %k: tensor<?x8x?x64xf16>, %v: tensor<?x8x?x64xf16>) -> tensor<?x8x?x64xf16> {
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 8>) softcap(30.0)
      : (tensor<?x8x?x64xf16>, tensor<?x8x?x64xf16>, tensor<?x8x?x64xf16>) -> tensor<?x8x?x64xf16>
  return %out : tensor<?x8x?x64xf16>
}

// -----

// CHECK-LABEL: func.func @far
// CHECK: tile.any_above
func.func @far(%q: tensor<?x8x?x64xbf16>, %k: tensor<?x8x?x64xbf16>, %v: tensor<?x8x?x64xbf16>) -> tensor<?x8x?x64xbf16> {
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 8>) softcap(60.0)
      : (tensor<?x8x?x64xbf16>, tensor<?x8x?x64xbf16>, tensor<?x8x?x64xbf16>) -> tensor<?x8x?x64xbf16>
  return %out : tensor<?x8x?x64xbf16>
}

// -----

// A bias behind the cap may be anything.
// CHECK-LABEL: func.func @biased
// CHECK: tile.any_above
func.func @biased(%q: tensor<?x8x?x64xbf16>, %k: tensor<?x8x?x64xbf16>, %v: tensor<?x8x?x64xbf16>, %bias: tensor<1x1x?x?xf32>) -> tensor<?x8x?x64xbf16> {
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 8>) softcap(30.0) bias(%bias)
      : (tensor<?x8x?x64xbf16>, tensor<?x8x?x64xbf16>, tensor<?x8x?x64xbf16>, tensor<1x1x?x?xf32>) -> tensor<?x8x?x64xbf16>
  return %out : tensor<?x8x?x64xbf16>
}
