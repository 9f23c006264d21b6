// RUN: attn-opt %s --split-input-file --pass-pipeline='builtin.module(attn-cuda{stop-after=overlapped})' | FileCheck %s
// RUN: attn-opt %s --split-input-file --pass-pipeline='builtin.module(attn-cuda{stop-after=checked})' -o /dev/null

// Keys and values take 144 KiB, queries and the stage of the output 32 KiB each: a second slot for queries would be too much.
// CHECK-LABEL: func.func @attention
// CHECK: tile.alloc_shared : <128x128xf16>
// CHECK: tile.alloc_ring : <1, 128x128xf16>
func.func @attention(%q: tensor<?x8x?x128xf16>, %k: tensor<?x2x?x128xf16>, %v: tensor<?x2x?x128xf16>) -> tensor<?x8x?x128xf16>
    attributes {tile.plan = #tile.plan<target = "sm_90a", query_tile = 128, kv_tile = 144, warpgroups = 2, stages = 2, overlap = true, ping_pong = false, persistent = true, staged_stores = true>} {
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 2>)
      : (tensor<?x8x?x128xf16>, tensor<?x2x?x128xf16>, tensor<?x2x?x128xf16>) -> tensor<?x8x?x128xf16>
  return %out : tensor<?x8x?x128xf16>
}

// -----

// CHECK-LABEL: func.func @unstaged
// CHECK: tile.alloc_ring : <2, 128x128xf16>
func.func @unstaged(%q: tensor<?x8x?x128xf16>, %k: tensor<?x2x?x128xf16>, %v: tensor<?x2x?x128xf16>) -> tensor<?x8x?x128xf16>
    attributes {tile.plan = #tile.plan<target = "sm_90a", query_tile = 128, kv_tile = 144, warpgroups = 2, stages = 2, overlap = true, ping_pong = false, persistent = true>} {
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 2>)
      : (tensor<?x8x?x128xf16>, tensor<?x2x?x128xf16>, tensor<?x2x?x128xf16>) -> tensor<?x8x?x128xf16>
  return %out : tensor<?x8x?x128xf16>
}
