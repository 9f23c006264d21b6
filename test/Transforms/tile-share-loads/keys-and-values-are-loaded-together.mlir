// RUN: attn-opt %s --pass-pipeline='builtin.module(attn-cuda{stop-after=specialized})' | FileCheck %s
// RUN: attn-opt %s --pass-pipeline='builtin.module(attn-cuda{stop-after=checked})' | FileCheck %s --check-prefix=CHECKED

// Each block loads its own queries; keys and values go to both blocks of a cluster.
// CHECK-LABEL: func.func @attention
// CHECK: tile.put %arg0, {{.*}} : memref<{{.*}}>, <1, 128x64xf16>
// CHECK: tile.put %arg1, {{.*}} multicast 2 : memref<{{.*}}>, <2, 64x64xf16>
// CHECK: tile.put %arg2, {{.*}} multicast 2 : memref<{{.*}}>, <2, 64x64xf16>

// A slot is free when the consumers of both blocks say so, each to both producers. The blocks of a cluster run programs as one,
// whose tiles are neighbours; those tells the block's number in its cluster.
// CHECKED-LABEL: func.func @attention
// CHECKED-DAG: %[[CLUSTER:.*]] = gpu.cluster_id x
// CHECKED-DAG: %[[BLOCKS:.*]] = gpu.grid_dim x
// CHECKED-DAG: %[[CLUSTERS:.*]] = arith.divui %[[BLOCKS]], %c2
// CHECKED: %[[FULL:.*]] = tile.alloc_barriers arrivals 1 at
// CHECKED: %[[EMPTY:.*]] = tile.alloc_barriers arrivals 4 at
// CHECKED: scf.for %{{.*}} = %[[CLUSTER]] to %{{.*}} step %[[CLUSTERS]]
// CHECKED: %[[RANK:.*]] = gpu.cluster_block_id x
// CHECKED: arith.addi %{{.*}}, %[[RANK]]
// CHECKED: tile.copy %arg1[{{.*}}] to {{.*}} bytes 8192 multicast 2
// CHECKED: tile.arrive %{{.*}} multicast 2
func.func @attention(%q: tensor<?x8x?x64xf16>, %k: tensor<?x2x?x64xf16>, %v: tensor<?x2x?x64xf16>) -> tensor<?x8x?x64xf16>
    attributes {tile.plan = #tile.plan<target = "sm_90a", query_tile = 128, kv_tile = 64, warpgroups = 2, stages = 2, overlap = true, ping_pong = false, persistent = true, cluster = 2>} {
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 2>)
      : (tensor<?x8x?x64xf16>, tensor<?x2x?x64xf16>, tensor<?x2x?x64xf16>) -> tensor<?x8x?x64xf16>
  return %out : tensor<?x8x?x64xf16>
}
