// RUN: attn-opt %s --pass-pipeline='builtin.module(attn-cuda{stop-after=overlapped})' | FileCheck %s
// RUN: attn-opt %s --pass-pipeline='builtin.module(attn-cuda{stop-after=checked})' | FileCheck %s --check-prefix=CHECKED

// A block begins with the program of its own number. When the loads of a program are on their way, the producer draws the next and
// sends it to the consumers, who receive it when they are done.
// CHECK-LABEL: func.func @attention
// CHECK-DAG: %[[FIRST:.*]] = gpu.block_id x
// CHECK-DAG: %[[NUMBERS:.*]] = tile.alloc_ring : <2, 1x1xi32>
// CHECK: tile.roles
// CHECK: scf.while (%[[N:.*]] = %[[FIRST]], {{.*}})
// CHECK:   %[[MORE:.*]] = arith.cmpi slt, %[[N]], %[[PROGRAMS:.*]] : index
// CHECK:   scf.condition(%[[MORE]]) %[[N]],
// CHECK: ^bb0(%[[HAS:[a-z0-9]+]]: index,
// CHECK:   scf.for
// CHECK:     tile.put %arg2
// CHECK:   %[[NEXT:.*]] = tile.draw after %[[HAS]] below %[[PROGRAMS]]
// CHECK:   tile.send %[[NEXT]] to %[[NUMBERS]][%[[COUNT:.*]]]
// CHECK:   scf.yield %[[NEXT]],
// CHECK: consumers(2)
// CHECK: scf.while (%{{.*}} = %[[FIRST]], {{.*}})
// CHECK:   tile.store
// CHECK:   tile.wait_full %[[NUMBERS]][%[[AT:.*]]]
// CHECK:   %[[GOT:.*]] = tile.receive %[[NUMBERS]][%[[AT]]]
// CHECK:   tile.release %[[NUMBERS]][%[[AT]]]
// CHECK:   scf.yield %[[GOT]],

// CHECKED: tile.draw
// CHECKED-NEXT: tile.wait %{{.*}}[%[[SLOT:.*]]] parity
// CHECKED-NEXT: tile.send %{{.*}} to %{{.*}}[%[[SLOT]]] signal %{{.*}} : <2, 1x1xi32>, !tile.barriers<2>
// CHECKED: tile.receive %{{.*}}[%{{.*}}] : <2, 1x1xi32>
// CHECKED-NEXT: tile.arrive
func.func @attention(%q: tensor<?x8x?x64xf16>, %k: tensor<?x2x?x64xf16>, %v: tensor<?x2x?x64xf16>) -> tensor<?x8x?x64xf16>
    attributes {tile.plan = #tile.plan<target = "sm_90a", query_tile = 128, kv_tile = 64, warpgroups = 2, stages = 2, overlap = true, ping_pong = false, persistent = true, dynamic = true>} {
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 2>)
      : (tensor<?x8x?x64xf16>, tensor<?x2x?x64xf16>, tensor<?x2x?x64xf16>) -> tensor<?x8x?x64xf16>
  return %out : tensor<?x8x?x64xf16>
}
