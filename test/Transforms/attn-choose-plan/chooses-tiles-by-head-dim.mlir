// RUN: attn-opt %s --pass-pipeline='builtin.module(func.func(attn-choose-plan{target=sm_90a}))' | FileCheck %s

// Small heads leave registers for a third and a fourth consumer warpgroup.
// CHECK-LABEL: func.func @head_dim_64
// CHECK-SAME: #tile.plan<target = "sm_90a", query_tile = 256, kv_tile = 64, warpgroups = 4, stages = 4, overlap = true, ping_pong = false, persistent = true, rescale_threshold = 15, staged_stores = true
func.func @head_dim_64(%q: tensor<?x8x?x64xf16>, %k: tensor<?x8x?x64xf16>, %v: tensor<?x8x?x64xf16>) -> tensor<?x8x?x64xf16> {
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 8>)
      : (tensor<?x8x?x64xf16>, tensor<?x8x?x64xf16>, tensor<?x8x?x64xf16>) -> tensor<?x8x?x64xf16>
  return %out : tensor<?x8x?x64xf16>
}

// More than 128 keys have been no faster.
// CHECK-LABEL: func.func @head_dim_128
// CHECK-SAME: query_tile = 128, kv_tile = 128, warpgroups = 2, stages = 2
func.func @head_dim_128(%q: tensor<?x8x?x128xf16>, %k: tensor<?x8x?x128xf16>, %v: tensor<?x8x?x128xf16>) -> tensor<?x8x?x128xf16> {
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 8>)
      : (tensor<?x8x?x128xf16>, tensor<?x8x?x128xf16>, tensor<?x8x?x128xf16>) -> tensor<?x8x?x128xf16>
  return %out : tensor<?x8x?x128xf16>
}

// CHECK-LABEL: func.func @head_dim_256
// CHECK-SAME: query_tile = 128, kv_tile = 80, warpgroups = 2
func.func @head_dim_256(%q: tensor<?x8x?x256xf16>, %k: tensor<?x8x?x256xf16>, %v: tensor<?x8x?x256xf16>) -> tensor<?x8x?x256xf16> {
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 8>)
      : (tensor<?x8x?x256xf16>, tensor<?x8x?x256xf16>, tensor<?x8x?x256xf16>) -> tensor<?x8x?x256xf16>
  return %out : tensor<?x8x?x256xf16>
}
