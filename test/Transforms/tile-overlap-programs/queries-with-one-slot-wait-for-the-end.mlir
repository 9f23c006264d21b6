// RUN: attn-opt %s --pass-pipeline='builtin.module(attn-cuda{stop-after=checked})' --remark-format=emitRemark --remarks-filter=tile-overlap-programs -o %t 2>&1 | FileCheck %s
// RUN: FileCheck %s --check-prefix=IR --input-file=%t

// There is no room for a second slot for queries, and one is free when a program has made its last scores. Values behind those queries
// would come late, so they stay in their own program.
// CHECK: whose queries are loaded behind its last values
// IR: tile.alloc_ring at {{.*}} : <1, 128x128xf16>
func.func @attention(%q: tensor<?x8x?x128xf16>, %k: tensor<?x2x?x128xf16>, %v: tensor<?x2x?x128xf16>) -> tensor<?x8x?x128xf16>
    attributes {tile.plan = #tile.plan<target = "sm_90a", query_tile = 128, kv_tile = 144, warpgroups = 2, stages = 2, overlap = true, ping_pong = false, persistent = true, keys_first = true, staged_stores = true, overlap_programs = true>} {
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 2>)
      : (tensor<?x8x?x128xf16>, tensor<?x2x?x128xf16>, tensor<?x2x?x128xf16>) -> tensor<?x8x?x128xf16>
  return %out : tensor<?x8x?x128xf16>
}
