// RUN: attn-opt %s --pass-pipeline='builtin.module(attn-cuda{stop-after=tiled})' | FileCheck %s

// Packed sequences share slots of query tiles, as many as the rows have whole tiles and one more for each sequence. A
// program searches for its sequence; rows of memory begin with the sequence, positions with 0.
// CHECK-LABEL: func @packed
// CHECK-SAME: tile.roles = ["query", "key", "value", "query_offsets", "kv_offsets", "output", "lse"]
// CHECK-DAG: %[[WHOLE:.*]] = arith.divui %{{.*}}, %c128
// CHECK-DAG: %[[SEQUENCES:.*]] = arith.subi %{{.*}}, %c1
// CHECK: %[[SLOTS:.*]] = arith.addi %[[WHOLE]], %[[SEQUENCES]]
// CHECK: scf.forall (%{{.*}}, %{{.*}}, %[[SLOT:.*]]) in (%{{.*}}, %{{.*}}, %[[SLOTS]])
// CHECK: %[[AFTER:.*]] = arith.addi %[[SLOT]], %c1
// CHECK: %[[NEXT:.*]] = tile.search %[[CQ:[a-z0-9]+]][] from %c1 to %[[SEQUENCES]] for %[[AFTER]] divide 128 step 1
// CHECK: %[[SEQUENCE:.*]] = arith.subi %[[NEXT]], %c1
// CHECK: tile.element %[[CQ]][%[[SEQUENCE]]]
// CHECK: %[[START:.*]] = arith.maxsi
// CHECK: %[[ROW:.*]] = arith.muli %{{.*}}, %c128
// CHECK: %[[END:.*]] = arith.maxsi %{{.*}}, %[[START]]
// CHECK: tile.element %[[CK:[a-z0-9]+]][%[[SEQUENCE]]]
// CHECK: %[[KSTART:.*]] = arith.maxsi
// CHECK: %[[KEND:.*]] = arith.maxsi %{{.*}}, %[[KSTART]]
// CHECK: %[[MEMORY:.*]] = arith.addi %[[START]], %[[ROW]]
// CHECK: tile.load %{{.*}}[%c0, %{{.*}}, %[[MEMORY]]]
// CHECK: scf.for
// CHECK: %[[KEY:.*]] = arith.muli
// CHECK: %[[KMEMORY:.*]] = arith.addi %[[KSTART]], %[[KEY]]
// CHECK: tile.load %{{.*}}[%c0, %{{.*}}, %[[KMEMORY]]]
// CHECK: tile.region_mask %{{.*}}[%[[SEQUENCE]], %{{.*}}, %[[ROW]], %[[KEY]]]
// CHECK: tile.band_mask %{{.*}} at[%[[ROW]], %[[KEY]]] keys
// CHECK: tile.store %{{.*}}[%c0, %{{.*}}, %[[MEMORY]]] below %[[END]]
// CHECK: tile.store %{{.*}}[%c0, %{{.*}}, %[[MEMORY]]] below %[[END]]
func.func @packed(%q: tensor<1x4x?x64xbf16>, %k: tensor<1x4x?x64xbf16>, %v: tensor<1x4x?x64xbf16>, %cq: tensor<?xi32>,
                  %ck: tensor<?xi32>) -> (tensor<1x4x?x64xbf16>, tensor<1x4x?xf32>)
    attributes {tile.plan = #tile.plan<target = "sm_90a", query_tile = 128, kv_tile = 128, warpgroups = 2, stages = 2, overlap = true, ping_pong = false>} {
  %out, %lse = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 4, kv = 4>) packed(query = %cq, kv = %ck)
      mask {
      ^bb0(%b: index, %h: index, %i: index, %j: index):
        %m = arith.cmpi sle, %j, %i : index
        attn.yield %m : i1
      }
      : (tensor<1x4x?x64xbf16>, tensor<1x4x?x64xbf16>, tensor<1x4x?x64xbf16>, tensor<?xi32>, tensor<?xi32>) -> (tensor<1x4x?x64xbf16>, tensor<1x4x?xf32>)
  return %out, %lse : tensor<1x4x?x64xbf16>, tensor<1x4x?xf32>
}
