// RUN: attn-opt %s --pass-pipeline='builtin.module(attn-cuda{stop-after=overlapped})' | FileCheck %s
// RUN: attn-opt %s --pass-pipeline='builtin.module(attn-cuda{stop-after=checked})' -o /dev/null

// Keys and values take 160 KiB and queries 64 KiB: there is no room for a second tile of queries.
// CHECK-LABEL: func.func @attention
// CHECK: tile.alloc_ring : <1, 128x256xf16>
func.func @attention(%q: tensor<?x8x?x256xf16>, %k: tensor<?x2x?x256xf16>, %v: tensor<?x2x?x256xf16>) -> tensor<?x8x?x256xf16>
    attributes {tile.plan = #tile.plan<target = "sm_90a", query_tile = 128, kv_tile = 80, warpgroups = 2, stages = 2, overlap = true, ping_pong = false, persistent = true>} {
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 2>)
      : (tensor<?x8x?x256xf16>, tensor<?x2x?x256xf16>, tensor<?x2x?x256xf16>) -> tensor<?x8x?x256xf16>
  return %out : tensor<?x8x?x256xf16>
}
