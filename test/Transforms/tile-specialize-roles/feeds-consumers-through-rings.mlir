// RUN: attn-opt %s --pass-pipeline='builtin.module(func.func(attn-choose-plan{target=sm_90a},attn-tile-attention,tile-split-ranges,tile-expand-softmax,tile-assign-layouts,tile-specialize-roles),canonicalize)' | FileCheck %s

// CHECK-LABEL: func.func @attention
// CHECK: %[[QR:.*]] = tile.alloc_ring : <1, 192x64xf16>
// CHECK: %[[KR:.*]] = tile.alloc_ring : <2, 128x64xf16>
// CHECK: %[[VR:.*]] = tile.alloc_ring : <2, 128x64xf16>
// CHECK: tile.roles registers(32, 160) producer {
// CHECK: tile.put {{.*}}, %[[QR]]
// CHECK: scf.for %[[I:.*]] =
// CHECK: tile.put {{.*}}, %[[KR]][%[[I]]]
// CHECK: tile.put {{.*}}, %[[VR]][%[[I]]]
// CHECK: } consumers(3) {
// CHECK: tile.wait_full %[[QR]]
// CHECK: scf.for %[[J:.*]] = {{.*}} iter_args
// CHECK: tile.wait_full %[[KR]][%[[J]]]
// CHECK: %[[K:.*]] = tile.slot %[[KR]][%[[J]]]
// CHECK: tile.mma {{.*}}, %[[K]] transpose_b
// CHECK: tile.release %[[KR]][%[[J]]]
// CHECK: tile.wait_full %[[VR]][%[[J]]]
// CHECK: %[[V:.*]] = tile.slot %[[VR]][%[[J]]]
// CHECK: tile.mma {{.*}}, %[[V]],
// CHECK: tile.release %[[VR]][%[[J]]]
func.func @attention(%q: tensor<?x8x?x64xf16>, %k: tensor<?x2x?x64xf16>, %v: tensor<?x2x?x64xf16>) -> (tensor<?x8x?x64xf16>, tensor<?x8x?xf32>)
    attributes {tile.plan = #tile.plan<target = "sm_90a", query_tile = 192, kv_tile = 128, warpgroups = 3, stages = 2, overlap = true, ping_pong = false>} {
  %out, %lse = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 2>) 
      : (tensor<?x8x?x64xf16>, tensor<?x2x?x64xf16>, tensor<?x2x?x64xf16>) -> (tensor<?x8x?x64xf16>, tensor<?x8x?xf32>)
  return %out, %lse : tensor<?x8x?x64xf16>, tensor<?x8x?xf32>
}
