// RUN: attn-opt %s --pass-pipeline='builtin.module(attn-cuda{stop-after=overlapped})' | FileCheck %s

// Under a causal mask a section has as many heads as fill two rounds of blocks. A block's rank in a section goes forward in
// the first round and back in the second, and the last query tiles have the first ranks. Heads that are left over join the last whole
// section, unless heads have few tiles. From one whole section to the next blocks with two programs move on by half as many ranks as share
// a tile.
// CHECK-LABEL: func.func @attention
// CHECK-DAG: %[[BLOCK:.*]] = gpu.block_id x
// CHECK-DAG: %[[BLOCKS:.*]] = gpu.grid_dim x
// CHECK: %[[TWO:.*]] = arith.muli %[[BLOCKS]], %c2
// CHECK: %[[FITTING:.*]] = arith.divui %[[TWO]], %[[TILES:.*]] : index
// CHECK: %[[ATLEAST:.*]] = arith.maxsi %[[FITTING]], %c1
// CHECK: %[[SOME:.*]] = arith.maxsi %[[ALL:.*]], %c1
// CHECK: %[[HEADS:.*]] = arith.minsi %[[ATLEAST]], %[[SOME]] : index
// CHECK: %[[OVER:.*]] = arith.remui %[[ALL]], %[[HEADS]]
// CHECK: %[[ISLEFT:.*]] = arith.minsi %[[OVER]], %c1
// CHECK: %[[FEW:.*]] = arith.cmpi slt, %[[TILES]], %c8
// CHECK: %[[JOINS:.*]] = arith.select %[[FEW]], %c0, %[[ISLEFT]]
// CHECK: %[[SECTIONS:.*]] = arith.divui %[[ALL]], %[[HEADS]]
// CHECK: %[[BUT:.*]] = arith.subi %[[SECTIONS]], %[[JOINS]]
// CHECK: %[[WHOLE:.*]] = arith.maxsi %[[BUT]], %c0
// CHECK: %[[TAKEN:.*]] = arith.muli %[[WHOLE]], %[[HEADS]]
// CHECK: %[[REST:.*]] = arith.subi %[[ALL]], %[[TAKEN]]
// CHECK: %[[PROGRAMS:.*]] = arith.muli %[[HEADS]], %[[TILES]]
// CHECK: %[[LASTBLOCK:.*]] = arith.subi %[[BLOCKS]], %c1
// CHECK: %[[LONE:.*]] = arith.subi %[[TWO]], %[[PROGRAMS]]
// CHECK: %[[ISTWO:.*]] = arith.cmpi sgt, %[[LONE]], %c-1
// CHECK: %[[NEXT:.*]] = arith.addi %[[BLOCK]], %c1
// CHECK: %[[ISOTHER:.*]] = arith.cmpi slt, %[[LONE]], %[[NEXT]]
// CHECK: %[[MOVES:.*]] = arith.andi %[[ISTWO]], %[[ISOTHER]]
// CHECK: scf.for %[[P:.*]] = %[[BLOCK]] to %{{.*}} step %[[BLOCKS]]
// CHECK: %[[INDEX:.*]] = arith.divui %[[P]], %[[BLOCKS]]
// CHECK: %[[OF:.*]] = arith.divui %[[INDEX]], %{{.*}} : index
// CHECK: %[[SECTION:.*]] = arith.minsi %[[OF]], %[[WHOLE]]
// CHECK: %[[ROUND:.*]] = arith.subi %[[INDEX]]
// CHECK: %[[ISWHOLE:.*]] = arith.cmpi slt, %[[SECTION]], %[[WHOLE]]
// CHECK: %[[BEHIND:.*]] = arith.subi %[[BLOCKS]], %[[LONE]]
// CHECK: %[[MOVING:.*]] = arith.maxsi %[[BEHIND]], %c0
// CHECK: %[[HALF:.*]] = arith.divui %[[HEADS]], %c2
// CHECK: %[[QUARTER:.*]] = arith.divui %[[MOVING]], %c4
// CHECK: %[[STEP:.*]] = arith.minsi %[[HALF]], %[[QUARTER]]
// CHECK: %[[OFFOUR:.*]] = arith.remui %[[SECTION]], %c4
// CHECK: %[[SHIFT:.*]] = arith.muli %[[OFFOUR]], %[[STEP]]
// CHECK: %[[ON:.*]] = arith.addi %[[BLOCK]], %[[SHIFT]]
// CHECK: %[[ISINSIDE:.*]] = arith.cmpi slt, %[[ON]], %[[BLOCKS]]
// CHECK: %[[AROUND:.*]] = arith.subi %[[ON]], %[[MOVING]]
// CHECK: %[[MOVED:.*]] = arith.select %[[ISINSIDE]], %[[ON]], %[[AROUND]]
// CHECK: %[[ISMOVED:.*]] = arith.andi %[[ISWHOLE]], %[[MOVES]]
// CHECK: %[[SEAT:.*]] = arith.select %[[ISMOVED]], %[[MOVED]], %[[BLOCK]]
// CHECK: %[[PARITY:.*]] = arith.remui %[[ROUND]], %c2
// CHECK: %[[MIRRORED:.*]] = arith.subi %[[LASTBLOCK]], %[[SEAT]]
// CHECK: %[[BACK:.*]] = arith.cmpi sgt, %[[PARITY]], %c0
// CHECK: %[[PLACE:.*]] = arith.select %[[BACK]], %[[MIRRORED]], %[[SEAT]]
// CHECK: %[[FROMLAST:.*]] = arith.divui
// CHECK: %[[LAST:.*]] = arith.subi %[[TILES]], %c1
// CHECK: %[[TILE:.*]] = arith.subi %[[LAST]], %[[FROMLAST]]
// CHECK: arith.muli %[[TILE]], %c128
func.func @attention(%q: tensor<?x8x?x64xf16>, %k: tensor<?x2x?x64xf16>, %v: tensor<?x2x?x64xf16>) -> tensor<?x8x?x64xf16>
    attributes {tile.plan = #tile.plan<target = "sm_90a", query_tile = 128, kv_tile = 64, warpgroups = 2, stages = 2, overlap = true, ping_pong = false, persistent = true>} {
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 2>) causality(#attn.causality<bottom_right>)
      : (tensor<?x8x?x64xf16>, tensor<?x2x?x64xf16>, tensor<?x2x?x64xf16>) -> tensor<?x8x?x64xf16>
  return %out : tensor<?x8x?x64xf16>
}
