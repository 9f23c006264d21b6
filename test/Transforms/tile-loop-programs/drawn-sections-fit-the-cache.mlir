// RUN: attn-opt %s --pass-pipeline='builtin.module(attn-cuda{stop-after=overlapped})' --mlir-print-local-scope | FileCheck %s

// Keys and values of one kv head are 256 bytes a token, so 24 MB hold those of 98304 tokens; 4 query heads share them. Sections
// are that many heads wide, the last but one and the last are one, and the last query tile of every head comes first.
// CHECK-LABEL: func.func @attention
// CHECK-DAG: %[[LENGTH:.*]] = memref.dim %arg1, %c2
// CHECK-DAG: %[[SOME:.*]] = arith.maxsi %[[LENGTH]], %c1
// CHECK-DAG: %[[HOLD:.*]] = arith.divui %c98304, %[[SOME]]
// CHECK-DAG: %[[KVHEADS:.*]] = arith.maxsi %[[HOLD]], %c1
// CHECK-DAG: %[[HEADS:.*]] = arith.muli %[[KVHEADS]], %c4
// CHECK-DAG: %[[WIDTH:.*]] = arith.minsi %[[HEADS]], %{{.*}}
// CHECK: %[[SECTIONS:.*]] = arith.divui %{{.*}}, %[[WIDTH]]
// CHECK: %[[BUT:.*]] = arith.subi %[[SECTIONS]], %c1
// CHECK: %[[WHOLE:.*]] = arith.maxsi %[[BUT]], %c0
// CHECK: scf.while
// CHECK: ^bb0(%[[N:[a-z0-9]+]]: index,
// CHECK: %[[QUOTIENT:.*]] = arith.divui %[[N]], %{{.*}}
// CHECK: arith.minsi %[[QUOTIENT]], %[[WHOLE]]
func.func @attention(%q: tensor<?x8x?x64xf16>, %k: tensor<?x2x?x64xf16>, %v: tensor<?x2x?x64xf16>) -> tensor<?x8x?x64xf16>
    attributes {tile.plan = #tile.plan<target = "sm_90a", query_tile = 128, kv_tile = 64, warpgroups = 2, stages = 2, overlap = true, ping_pong = false, persistent = true, dynamic = true>} {
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 2>) causality(#attn.causality<top_left>)
      : (tensor<?x8x?x64xf16>, tensor<?x2x?x64xf16>, tensor<?x2x?x64xf16>) -> tensor<?x8x?x64xf16>
  return %out : tensor<?x8x?x64xf16>
}
