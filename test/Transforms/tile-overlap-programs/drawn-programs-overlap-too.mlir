// RUN: attn-opt %s --pass-pipeline='builtin.module(attn-cuda{stop-after=overlapped})' | FileCheck %s

// Where the last programs are drawn, the loops are scf.while. The rest of a program is carried through both of their regions, and the
// next number is still received at the end of a round.
// CHECK-LABEL: func.func @attention
// CHECK: %[[NUMBERS:.*]] = tile.alloc_ring : <2, 1x1xi32>
// CHECK: tile.roles
// The producer carries whether there are last values to load, and from where.
// CHECK: %[[LOADS:.*]]:7 = scf.while ({{.*}} = %false, {{.*}} = %c0, {{.*}} = %c0, {{.*}} = %c0)
// CHECK: tile.draw after
// CHECK: tile.send %{{.*}} to %[[NUMBERS]]
// CHECK: scf.if %[[LOADS]]#3 {
// CHECK: tile.put %arg2
// CHECK: consumers(2)
// CHECK: %[[LEFT:.*]]:10 = scf.while ({{.*}} = %false,
// CHECK: scf.condition(%{{.*}}) {{.*}} : index, index, index, i1, tensor<128x64xf32, #accumulator>
// CHECK: ^bb0(
// CHECK: tile.store
// CHECK: tile.wait_full %[[NUMBERS]]
// CHECK: %[[NEXT:.*]] = tile.receive %[[NUMBERS]]
// CHECK: tile.release %[[NUMBERS]]
// CHECK: scf.yield %[[NEXT]],
// CHECK: scf.if %[[LEFT]]#3 {
// CHECK: tile.issue_mma
// CHECK: tile.store
func.func @attention(%q: tensor<?x8x?x64xbf16>, %k: tensor<?x8x?x64xbf16>, %v: tensor<?x8x?x64xbf16>) -> tensor<?x8x?x64xbf16>
    attributes {tile.plan = #tile.plan<target = "sm_90a", query_tile = 128, kv_tile = 96, warpgroups = 2, stages = 2, overlap = true, ping_pong = false, persistent = true, keys_first = true, dynamic = true, overlap_programs = true>} {
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 8>)
      : (tensor<?x8x?x64xbf16>, tensor<?x8x?x64xbf16>, tensor<?x8x?x64xbf16>) -> tensor<?x8x?x64xbf16>
  return %out : tensor<?x8x?x64xbf16>
}
