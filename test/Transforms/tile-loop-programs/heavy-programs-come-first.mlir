// RUN: attn-opt %s --pass-pipeline='builtin.module(attn-cuda{stop-after=overlapped})' | FileCheck %s

// Under a causal mask the last query tiles come first. A section has as many heads as bring 32 MiB of keys and values
// (four query heads share 256 bytes a key), all of them come with one tile before any comes with the next, and every other
// whole round of programs is dealt from the other end.
// CHECK-LABEL: func.func @attention
// CHECK-DAG: %[[FITTING:.*]] = arith.divui %c524288, %{{.*}}
// CHECK-DAG: %[[ATLEAST:.*]] = arith.maxsi %[[FITTING]], %c1
// CHECK-DAG: %[[HEADS:.*]] = arith.minsi %[[ATLEAST]], %{{.*}}
// CHECK-DAG: %[[SECTION:.*]] = arith.muli %[[HEADS]], %[[TILES:[^ ]+]]
// CHECK-DAG: %[[FIRST:.*]] = gpu.block_id x
// CHECK-DAG: %[[STEP:.*]] = gpu.grid_dim x
// CHECK: scf.for %[[P:.*]] = %[[FIRST]] to %[[PROGRAMS:.*]] step %[[STEP]] iter_args({{.*}}, %[[SHIFT:.*]] = %c0)
// CHECK: %[[START:.*]] = arith.subi %[[P]], %[[FIRST]]
// CHECK: %[[END:.*]] = arith.addi %[[START]], %[[STEP]]
// CHECK: %[[WHOLE:.*]] = arith.cmpi sle, %[[END]], %[[PROGRAMS]]
// CHECK: %[[MIRRORED:.*]] = arith.addi %[[P]], %[[SHIFT]]
// CHECK: %[[NUMBER:.*]] = arith.select %[[WHOLE]], %[[MIRRORED]], %[[P]]
// CHECK: %[[S:.*]] = arith.divui %[[NUMBER]], %[[SECTION]]
// CHECK: %[[FROMLAST:.*]] = arith.divui %{{.*}}, %{{.*}}
// CHECK: %[[LAST:.*]] = arith.subi %[[TILES]], %c1
// CHECK: %[[TILE:.*]] = arith.subi %[[LAST]], %[[FROMLAST]]
// CHECK: arith.muli %[[TILE]], %c128
func.func @attention(%q: tensor<?x8x?x64xf16>, %k: tensor<?x2x?x64xf16>, %v: tensor<?x2x?x64xf16>) -> tensor<?x8x?x64xf16>
    attributes {tile.plan = #tile.plan<target = "sm_90a", query_tile = 128, kv_tile = 64, warpgroups = 2, stages = 2, overlap = true, ping_pong = false, persistent = true>} {
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 2>) causality(#attn.causality<bottom_right>)
      : (tensor<?x8x?x64xf16>, tensor<?x2x?x64xf16>, tensor<?x2x?x64xf16>) -> tensor<?x8x?x64xf16>
  return %out : tensor<?x8x?x64xf16>
}
