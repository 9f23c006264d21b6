// RUN: attn-opt %s --pass-pipeline='builtin.module(func.func(attn-choose-plan{target=sm_90a},attn-tile-attention,tile-split-ranges,tile-expand-softmax,tile-assign-layouts,tile-specialize-roles,tile-overlap-loop),canonicalize,cse)' | FileCheck %s

// The scores of block i are issued before the value product of block i - 1; that product is awaited after the softmax.
// CHECK-LABEL: func.func @attention
// CHECK: consumers(3)
// CHECK: scf.if {{.*}} -> (
// CHECK: tile.await
// CHECK: scf.for %[[I:.*]] = {{.*}} iter_args
// CHECK: %[[PREVIOUS:.*]] = arith.addi %[[I]], %c-1
// CHECK: %[[S:.*]] = tile.issue_mma {{.*}} transpose_b
// CHECK: tile.wait_full %[[VR:.*]][%[[PREVIOUS]]]
// CHECK: %[[O:.*]] = tile.issue_mma
// CHECK: tile.await %[[S]]
// CHECK: tile.release %[[KR:.*]][%[[I]]]
// CHECK: math.exp2
// CHECK: scf.if
// CHECK: tile.wait_full %[[KR]]
// CHECK: tile.await %[[O]]
// CHECK: tile.release %[[VR]][%[[PREVIOUS]]]
// CHECK: arith.truncf
// CHECK: arith.mulf
// CHECK: scf.yield
// CHECK: tile.await
func.func @attention(%q: tensor<?x8x?x64xf16>, %k: tensor<?x2x?x64xf16>, %v: tensor<?x2x?x64xf16>) -> (tensor<?x8x?x64xf16>, tensor<?x8x?xf32>)
    attributes {tile.plan = #tile.plan<target = "sm_90a", query_tile = 192, kv_tile = 128, warpgroups = 3, stages = 2, overlap = true, ping_pong = false>} {
  %out, %lse = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 2>) 
      : (tensor<?x8x?x64xf16>, tensor<?x2x?x64xf16>, tensor<?x2x?x64xf16>) -> (tensor<?x8x?x64xf16>, tensor<?x8x?xf32>)
  return %out, %lse : tensor<?x8x?x64xf16>, tensor<?x8x?xf32>
}
