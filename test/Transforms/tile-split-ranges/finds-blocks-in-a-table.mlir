// RUN: attn-opt %examples/bigbird.mlir --pass-pipeline='builtin.module(attn-cuda{stop-after=split})' | FileCheck %s
// RUN: attn-compile %examples/bigbird.mlir --target=sm_90a --stop-after=split --plan='#tile.plan<target = "sm_90a", query_tile = 192, kv_tile = 64, warpgroups = 3, stages = 2, overlap = true, ping_pong = false>' | FileCheck %s --check-prefix=THREE
// RUN: attn-opt %examples/bigbird.mlir --attn-cuda | FileCheck %s --check-prefix=LOWERED
// RUN: attn-opt %examples/bigbird.mlir --attn-cpu | FileCheck %s --check-prefix=LOWERED

// Blocks of 64 queries, of which a tile holds one, or three, each with a row of three in the table of random blocks: these are
// read once for each query tile, and a block of keys is compared with the numbers. The loop finds its blocks in the table, from
// the last to the first, and asks it which of them need no mask.
// CHECK-LABEL: func.func @bigbird
// CHECK: scf.forall
// CHECK-COUNT-3: tile.element %[[RANDOM:[a-z0-9]+]][
// CHECK-NOT: tile.element
// CHECK: %[[TABLE:.*]] = tile.tabulate
// CHECK-NOT: tile.element
// CHECK: tile.kind present
// CHECK: %[[COUNT:.*]] = tile.count_blocks %[[TABLE]]
// CHECK: %[[LAST:.*]] = arith.subi %[[COUNT]], %c1
// CHECK: scf.for %[[I:[a-z0-9]+]] = %c0 to %[[COUNT]] step %c1
// CHECK: %[[NUMBER:.*]] = arith.subi %[[LAST]], %[[I]]
// CHECK: %[[BLOCK:.*]] = tile.find_block %[[TABLE]][%[[NUMBER]]]
// CHECK: arith.muli %[[BLOCK]], %c64
// CHECK: %[[FULL:.*]] = tile.is_full_block %[[TABLE]][%[[BLOCK]]]
// CHECK: scf.if %[[FULL]]
// CHECK: tile.region_mask
// THREE-COUNT-9: tile.element
// THREE-NOT: tile.element
// LOWERED: llvm.func @bigbird
