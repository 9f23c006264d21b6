// RUN: attn-opt %s --pass-pipeline='builtin.module(func.func(attn-choose-plan,attn-tile-attention,canonicalize))' | FileCheck %s
// RUN: attn-opt %s --pass-pipeline='builtin.module(func.func(attn-choose-plan,attn-tile-attention))' --remark-format=emitRemark --remarks-filter=attn-tile-attention -o /dev/null 2>&1 | FileCheck %s --check-prefix=REMARK

// REMARK: a tile holds 32 queries of each of 2 heads with the same keys

// Two heads of a group of four have a tile of 32 queries each. Programs are numbered by tiles of heads, two of which have the same
// keys; what depends on a row's head or query knows of both.
// CHECK-LABEL: func.func @attention
// CHECK-SAME: %[[Q:[a-z0-9]+]]: memref
// CHECK-SAME: %[[K:[a-z0-9]+]]: memref
// CHECK-SAME: %[[SINKS:[a-z0-9]+]]: memref<?xf32
// CHECK-DAG: %[[TWO:.*]] = arith.constant 2 : index
// CHECK-DAG: %[[ROWS:.*]] = arith.constant 32 : index
// CHECK: %[[HEADS:.*]] = arith.divui %{{.*}}, %[[TWO]]
// CHECK: %[[TILES:.*]] = arith.divui %{{.*}}, %[[ROWS]]
// CHECK: scf.forall (%[[B:.*]], %[[HT:.*]], %[[T:.*]]) in (%{{.*}}, %[[HEADS]], %[[TILES]])
// CHECK-DAG: %[[H:.*]] = arith.muli %[[HT]], %[[TWO]]
// CHECK-DAG: %[[KVH:.*]] = arith.divui %[[HT]], %[[TWO]]
// CHECK-DAG: %[[R:.*]] = arith.muli %[[T]], %[[ROWS]]
// CHECK: tile.load %[[Q]][%[[B]], %[[H]], %[[R]]] packed 2 : {{.*}} -> tensor<64x64xf32>
// CHECK: tile.load %[[K]][%[[B]], %[[KVH]], %{{[a-z0-9]+}}] :
// CHECK: tile.region_score {{.*}} packed 2
// CHECK: tile.band_mask {{.*}} upper 0 packed 2
// CHECK: tile.keep[{{.*}}] packed 2
// CHECK: %[[ROWHEADS:.*]] = tile.indices head %[[H]] packed 2 : tensor<64xi32>
// CHECK: tile.gather %[[SINKS]][%[[ROWHEADS]]]
// CHECK: tile.store {{.*}}[%[[B]], %[[H]], %[[R]]] packed 2 : tensor<64x64xf32>
// CHECK: tile.store {{.*}}[%[[B]], %[[H]], %[[R]]] packed 2 : tensor<64xf32>
#plan = #tile.plan<target = "cpu", query_tile = 64, kv_tile = 32, warpgroups = 0, stages = 0, overlap = false, ping_pong = false, packed_heads = 2>
func.func @attention(%q: tensor<1x8x?x64xf32>, %k: tensor<1x2x?x64xf32>, %v: tensor<1x2x?x64xf32>, %sinks: tensor<8xf32>)
    -> (tensor<1x8x?x64xf32>, tensor<1x8x?xf32>) attributes {tile.plan = #plan} {
  %out, %lse = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 2>) causality(#attn.causality<bottom_right>)
      sinks(%sinks) dropout(#attn.dropout<probability = 0.5, seed = 7>) score {
  ^bb0(%score: f32, %b: index, %h: index, %i: index, %j: index):
    %number = arith.index_cast %h : index to i32
    %head = arith.sitofp %number : i32 to f32
    %sum = arith.addf %score, %head : f32
    attn.yield %sum : f32
  } : (tensor<1x8x?x64xf32>, tensor<1x2x?x64xf32>, tensor<1x2x?x64xf32>, tensor<8xf32>) -> (tensor<1x8x?x64xf32>, tensor<1x8x?xf32>)
  return %out, %lse : tensor<1x8x?x64xf32>, tensor<1x8x?xf32>
}
