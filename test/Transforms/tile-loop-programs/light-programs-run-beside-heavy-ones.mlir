// RUN: attn-opt %s --pass-pipeline='builtin.module(attn-cuda{stop-after=overlapped})' | FileCheck %s

// Where tiles begin with their first block of keys, blocks with an odd seat run the two rounds of a pair the other way round, if the section
// has a program for them in the later one of the two.
// CHECK-LABEL: func.func @attention
// CHECK-DAG: %[[BLOCK:.*]] = gpu.block_id x
// CHECK-DAG: %[[BLOCKS:.*]] = gpu.grid_dim x
// CHECK: scf.for %[[P:.*]] = %[[BLOCK]] to %{{.*}} step %[[BLOCKS]]
// CHECK: %[[INDEX:.*]] = arith.divui %[[P]], %[[BLOCKS]]
// CHECK: %[[ROUND:.*]] = arith.subi %[[INDEX]]
// CHECK: %[[SEAT:.*]] = arith.select %{{.*}}, %{{.*}}, %[[BLOCK]]
// CHECK: %[[PROGRAMS:.*]] = arith.muli
// CHECK: %[[NEXT:.*]] = arith.addi %[[ROUND]], %c1
// CHECK: %[[PARITY:.*]] = arith.remui %[[ROUND]], %c2
// CHECK: %[[TWICE:.*]] = arith.muli %[[PARITY]], %c2
// CHECK: %[[OTHER:.*]] = arith.subi %[[NEXT]], %[[TWICE]]
// CHECK: %[[ODD:.*]] = arith.remui %[[SEAT]], %c2
// CHECK: %[[ISODD:.*]] = arith.cmpi sgt, %[[ODD]], %c0
// CHECK: %[[LATER:.*]] = arith.maxsi %[[ROUND]], %[[OTHER]]
// CHECK: %[[HASBOTH:.*]] = arith.cmpi slt, %{{.*}}, %[[PROGRAMS]]
// CHECK: %[[EXCHANGES:.*]] = arith.andi %[[ISODD]], %[[HASBOTH]]
// CHECK: %[[TAKEN:.*]] = arith.select %[[EXCHANGES]], %[[OTHER]], %[[ROUND]]
// CHECK: arith.remui %[[TAKEN]], %c2
func.func @attention(%q: tensor<?x8x?x64xf16>, %k: tensor<?x2x?x64xf16>, %v: tensor<?x2x?x64xf16>) -> tensor<?x8x?x64xf16>
    attributes {tile.plan = #tile.plan<target = "sm_90a", query_tile = 128, kv_tile = 64, warpgroups = 2, stages = 2, overlap = true, ping_pong = false, persistent = true, ascending = true>} {
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 2>) causality(#attn.causality<bottom_right>)
      : (tensor<?x8x?x64xf16>, tensor<?x2x?x64xf16>, tensor<?x2x?x64xf16>) -> tensor<?x8x?x64xf16>
  return %out : tensor<?x8x?x64xf16>
}
