// RUN: attn-opt %s --split-input-file --pass-pipeline='builtin.module(func.func(attn-choose-plan{target=sm_90a},attn-tile-attention,tile-split-ranges,tile-expand-softmax),canonicalize)' | FileCheck %s

// Ones stand beside the values, so that the product makes the sums, which the rescaling of the accumulator rescales. Nothing is
// added up; whether a weight is 2 or more the bits of the rounded weights tell. References are 4 powers of two above the maximum
// (f16). Weights and accumulator are in branches of their own: the former are wanted before the latter is there.
// CHECK-LABEL: func.func @half
// CHECK-DAG: %[[ONES:.*]] = arith.constant dense<1.000000e+00> : tensor<96x8xf16>
// CHECK-DAG: %[[ROOM:.*]] = arith.constant dense<22.1807098> : tensor<64xf32>
// CHECK-NOT: tile.empty_sum
// CHECK: %[[LOOP:.*]]:2 = scf.for {{.*}} iter_args(%[[O:.*]] = {{.*}}, %[[M:[^ ]*]] = {{.*}}) -> (tensor<64x72xf32>, tensor<64xf32>)
// CHECK-NOT: tile.row_accumulate
// CHECK: %[[P:.*]] = math.exp2
// CHECK: %[[W:.*]] = arith.truncf %[[P]]
// CHECK: %[[CEILING:.*]] = tile.row_ceiling %[[W]]
// CHECK: %[[ANY:.*]] = tile.any_above %[[CEILING]], 1.99999988 or
// CHECK: %[[NEW:.*]]:3 = scf.if %[[ANY]] -> (tensor<64x96xf16>, tensor<64xf32>, tensor<64xf32>)
// CHECK: %[[MAX:.*]] = tile.row_max %{{.*}}, %[[M]]
// CHECK: %[[REFERENCE:.*]] = arith.addf %[[MAX]], %[[ROOM]]
// CHECK: %[[ROWS:.*]] = tile.rows_above %[[CEILING]], 1.99999988 or
// CHECK: arith.select %[[ROWS]], %[[REFERENCE]], %[[M]]
// CHECK: %[[R:.*]] = scf.if %[[ANY]] -> (tensor<64x72xf32>)
// CHECK: arith.mulf %[[O]], %{{.*}} : tensor<64x72xf32>
// CHECK: %[[O1:.*]] = tile.mma %[[NEW]]#0, %{{.*}}, %[[R]] beside %[[ONES]]
// CHECK: scf.yield %[[O1]], %[[NEW]]#1
// CHECK: %[[LEADING:.*]], %[[SUM:.*]] = tile.detach_sums %[[LOOP]]#0
// CHECK: arith.divf %{{.*}}, %[[SUM]]
// CHECK: arith.mulf %[[LEADING]]
func.func @half(%q: tensor<?x8x?x64xf16>, %k: tensor<?x2x?x64xf16>, %v: tensor<?x2x?x64xf16>) -> tensor<?x8x?x64xf16>
    attributes {tile.plan = #tile.plan<target = "sm_90a", query_tile = 64, kv_tile = 96, warpgroups = 1, stages = 2, overlap = true, ping_pong = false, rescale_threshold = 8, sum_column = true>} {
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 2>)
      : (tensor<?x8x?x64xf16>, tensor<?x2x?x64xf16>, tensor<?x2x?x64xf16>) -> tensor<?x8x?x64xf16>
  return %out : tensor<?x8x?x64xf16>
}

// -----

// bf16 has as many exponents as f32, so all but one of the 8 powers are room.
// CHECK-LABEL: func.func @brain
// CHECK-DAG: arith.constant dense<1.000000e+00> : tensor<96x8xbf16>
// CHECK-DAG: arith.constant dense<38.8162422> : tensor<64xf32>
// CHECK: tile.row_ceiling
func.func @brain(%q: tensor<?x8x?x64xbf16>, %k: tensor<?x2x?x64xbf16>, %v: tensor<?x2x?x64xbf16>) -> tensor<?x8x?x64xbf16>
    attributes {tile.plan = #tile.plan<target = "sm_90a", query_tile = 64, kv_tile = 96, warpgroups = 1, stages = 2, overlap = true, ping_pong = false, rescale_threshold = 8, sum_column = true>} {
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 2>)
      : (tensor<?x8x?x64xbf16>, tensor<?x2x?x64xbf16>, tensor<?x2x?x64xbf16>) -> tensor<?x8x?x64xbf16>
  return %out : tensor<?x8x?x64xbf16>
}
