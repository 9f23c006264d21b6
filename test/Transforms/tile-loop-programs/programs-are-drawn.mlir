// RUN: attn-opt %s --pass-pipeline='builtin.module(attn-cuda{stop-after=overlapped})' | FileCheck %s
// RUN: attn-opt %s --pass-pipeline='builtin.module(attn-cuda{stop-after=checked})' | FileCheck %s --check-prefix=CHECKED

// A block begins with the program of its own number. When the loads of a program are on their way, the producer gets the next, dealt or
// drawn, and sends it to the consumers, who receive it when they are done. The last whole round and what is behind it are drawn.
// CHECK-LABEL: func.func @attention
// CHECK-DAG: %[[FIRST:.*]] = gpu.block_id x
// CHECK: %[[ROUNDS:.*]] = arith.divui %[[PROGRAMS:.*]], %[[BLOCKS:.*]] : index
// CHECK: %[[BUT:.*]] = arith.subi %[[ROUNDS]], %c1
// CHECK: %[[WHOLE:.*]] = arith.maxsi %[[BUT]], %c0
// CHECK: %[[DEALT:.*]] = arith.muli %[[WHOLE]], %[[BLOCKS]]
// CHECK: %[[LEFT:.*]] = arith.subi %[[PROGRAMS]], %[[DEALT]]
// CHECK: %[[SOME:.*]] = arith.cmpi sgt, %[[DEALT]], %c0
// CHECK: %[[OWN:.*]] = arith.select %[[SOME]], %c0, %[[BLOCKS]]
// CHECK: %[[LOWEST:.*]] = arith.addi %[[DEALT]], %[[OWN]]
// CHECK: %[[ALL:.*]] = arith.addi %[[LEFT]], %[[BLOCKS]]
// CHECK: %[[DRAWS:.*]] = arith.subi %[[ALL]], %[[OWN]]
// CHECK: %[[NUMBERS:.*]] = tile.alloc_ring : <2, 1x1xi32>
// CHECK: tile.roles
// CHECK: scf.while (%[[N:.*]] = %[[FIRST]], {{.*}})
// CHECK:   %[[MORE:.*]] = arith.cmpi slt, %[[N]], %[[PROGRAMS]] : index
// CHECK:   scf.condition(%[[MORE]]) %[[N]],
// CHECK: ^bb0(%[[HAS:[a-z0-9]+]]: index,
// CHECK:   scf.for
// CHECK:     tile.put %arg2
// CHECK:   %[[NEXT:.*]] = tile.draw after %[[HAS]] dealt %[[DEALT]] first %[[LOWEST]] draws %[[DRAWS]]
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
