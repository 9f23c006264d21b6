// RUN: attn-opt %s --pass-pipeline='builtin.module(attn-cuda{stop-after=overlapped})' --mlir-print-local-scope | FileCheck %s

// Sections of heads are dealt, but for the last one, which has the heads that are left over besides. Of that full rounds are dealt
// as long as three quarters of one are left, and what is left is drawn: its numbers stand behind those of the blocks with the most.
// CHECK-LABEL: func.func @attention
// CHECK-DAG: %[[BLOCKS:.*]] = gpu.grid_dim x
// CHECK: %[[WIDTH:.*]] = arith.minsi
// CHECK: %[[SECTIONS:.*]] = arith.divui %[[HEADS:.*]], %[[WIDTH]]
// CHECK: %[[BUT:.*]] = arith.subi %[[SECTIONS]], %c1
// CHECK: %[[WHOLE:.*]] = arith.maxsi %[[BUT]], %c0
// CHECK: %[[IN:.*]] = arith.muli %[[WHOLE]], %[[WIDTH]]
// CHECK: %[[REST:.*]] = arith.subi %[[HEADS]], %[[IN]]
// CHECK: %[[TRIPLE:.*]] = arith.muli %[[BLOCKS]], %c3
// CHECK: %[[KEPT:.*]] = arith.divui %[[TRIPLE]], %c4
// CHECK: %[[PROGRAMS:.*]] = arith.muli %[[REST]], %[[TILES:.*]] : index
// CHECK: %[[MORE:.*]] = arith.subi %[[PROGRAMS]], %[[KEPT]]
// CHECK: %[[SOME:.*]] = arith.maxsi %[[MORE]], %c0
// CHECK: %[[ROUNDS:.*]] = arith.divui %[[SOME]], %[[BLOCKS]]
// CHECK: %[[OFREST:.*]] = arith.muli %[[ROUNDS]], %[[BLOCKS]]
// CHECK: %[[COUNT:.*]] = arith.subi %[[PROGRAMS]], %[[OFREST]]
// CHECK: %[[DEALT:.*]] = arith.addi %{{.*}}, %[[OFREST]]
// CHECK: %[[LOWEST:.*]] = arith.addi %{{.*}}, %[[OFREST]]
// CHECK: %[[END:.*]] = arith.addi %[[LOWEST]], %[[COUNT]]
// CHECK: scf.while
// CHECK: arith.cmpi slt, %{{.*}}, %[[END]]
// CHECK: ^bb0(%[[N:[a-z0-9]+]]: index,
// CHECK: %[[ISDEALT:.*]] = arith.cmpi slt, %[[N]], %[[LOWEST]]
// CHECK: %[[PLACE:.*]] = arith.subi %[[N]], %[[LOWEST]]
// CHECK: %[[RANK:.*]] = arith.addi %[[OFREST]], %[[PLACE]]
// CHECK: arith.select %[[ISDEALT]], %{{.*}}, %[[RANK]]
// CHECK: tile.draw after %[[N]] dealt %[[DEALT]] first
func.func @attention(%q: tensor<?x8x?x64xf16>, %k: tensor<?x2x?x64xf16>, %v: tensor<?x2x?x64xf16>) -> tensor<?x8x?x64xf16>
    attributes {tile.plan = #tile.plan<target = "sm_90a", query_tile = 128, kv_tile = 64, warpgroups = 2, stages = 2, overlap = true, ping_pong = false, persistent = true, dynamic = true>} {
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 2>) causality(#attn.causality<top_left>)
      : (tensor<?x8x?x64xf16>, tensor<?x2x?x64xf16>, tensor<?x2x?x64xf16>) -> tensor<?x8x?x64xf16>
  return %out : tensor<?x8x?x64xf16>
}
