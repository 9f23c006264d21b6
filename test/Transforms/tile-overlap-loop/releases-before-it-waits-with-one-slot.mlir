// RUN: attn-opt %s --pass-pipeline='builtin.module(attn-cuda{stop-after=overlapped})' | FileCheck %s
// RUN: attn-opt %s --pass-pipeline='builtin.module(attn-cuda{stop-after=checked})' -o /dev/null

// The producer fills the one value slot before it fills the key slot again: a wait for keys ahead of the values' release
// would never end.
// CHECK-LABEL: func.func @attention
// CHECK: scf.for %[[I:.*]] = {{.*}} iter_args
// CHECK: tile.await
// CHECK: tile.await
// CHECK: tile.release %[[VALUES:.*]][
// CHECK: scf.if
// CHECK-NEXT: tile.wait_full %[[KEYS:.*]][
func.func @attention(%q: tensor<?x8x?x64xf16>, %k: tensor<?x2x?x64xf16>, %v: tensor<?x2x?x64xf16>) -> tensor<?x8x?x64xf16>
    attributes {tile.plan = #tile.plan<target = "sm_90a", query_tile = 128, kv_tile = 64, warpgroups = 2, stages = 1, overlap = true, ping_pong = false>} {
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 2>)
      : (tensor<?x8x?x64xf16>, tensor<?x2x?x64xf16>, tensor<?x2x?x64xf16>) -> tensor<?x8x?x64xf16>
  return %out : tensor<?x8x?x64xf16>
}
