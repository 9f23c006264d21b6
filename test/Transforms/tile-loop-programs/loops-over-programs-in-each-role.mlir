// RUN: attn-opt %s --pass-pipeline='builtin.module(attn-cuda{stop-after=overlapped})' | FileCheck %s
// RUN: attn-opt %s --pass-pipeline='builtin.module(attn-cuda{stop-after=checked})' -o /dev/null

// Each role runs the programs of its block by itself. Counts of a ring are those of the program on top of a base, which
// grows by the program's tiles and repeats after two rounds of the ring.
// CHECK-LABEL: func.func @attention
// CHECK-NOT: scf.forall
// CHECK-DAG: %[[QUERIES:.*]] = tile.alloc_ring : <2, 128x64xf16>
// CHECK-DAG: %[[FIRST:.*]] = gpu.block_id x
// CHECK-DAG: %[[STEP:.*]] = gpu.grid_dim x
// CHECK: tile.roles
// CHECK: scf.for %{{.*}} = %[[FIRST]] to %[[PROGRAMS:.*]] step %[[STEP]] iter_args(%[[QBASE:.*]] = %c0, %[[BASE:.*]] = %c0)
// CHECK: %[[BLOCKS:.*]] = arith.maxsi %{{.*}}, %c0
// CHECK: tile.put %arg0, %[[QUERIES]][%[[QBASE]]]
// CHECK: scf.for %[[I:.*]] = %c0 to %[[BLOCKS]] step %c1
// CHECK:   %[[COUNT:.*]] = arith.addi %[[BASE]], %[[I]]
// CHECK:   tile.put %arg1, %[[KEYS:.*]][%[[COUNT]]]
// CHECK: %[[QNEXT:.*]] = arith.addi %[[QBASE]], %c1
// CHECK: arith.remui %[[QNEXT]], %c4
// CHECK: %[[NEXT:.*]] = arith.addi %[[BASE]], %[[BLOCKS]]
// CHECK: arith.remui %[[NEXT]], %c4
// CHECK: scf.yield
// CHECK: consumers(2)
// CHECK: scf.for %{{.*}} = %[[FIRST]] to %[[PROGRAMS]] step %[[STEP]] iter_args(%[[CQBASE:.*]] = %c0, %[[CBASE:.*]] = %c0)
// CHECK: tile.wait_full %[[QUERIES]][%[[CQBASE]]]
// CHECK: tile.wait_full %[[KEYS]][%[[CBASE]]]
func.func @attention(%q: tensor<?x8x?x64xf16>, %k: tensor<?x2x?x64xf16>, %v: tensor<?x2x?x64xf16>) -> tensor<?x8x?x64xf16>
    attributes {tile.plan = #tile.plan<target = "sm_90a", query_tile = 128, kv_tile = 64, warpgroups = 2, stages = 2, overlap = true, ping_pong = false, persistent = true>} {
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 2>)
      : (tensor<?x8x?x64xf16>, tensor<?x2x?x64xf16>, tensor<?x2x?x64xf16>) -> tensor<?x8x?x64xf16>
  return %out : tensor<?x8x?x64xf16>
}
