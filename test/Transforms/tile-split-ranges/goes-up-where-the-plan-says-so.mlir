// RUN: attn-opt %s --split-input-file --pass-pipeline='builtin.module(attn-cuda{stop-after=split})' | FileCheck %s
// RUN: attn-compile %examples/bigbird.mlir --target=sm_90a --stop-after=split --plan='#tile.plan<target = "sm_90a", query_tile = 64, kv_tile = 64, warpgroups = 1, stages = 2, overlap = true, ping_pong = false, ascending = true>' | FileCheck %s --check-prefix=TABLE

// Blocks of keys from the first to the last: the loop's counter is the block.
// CHECK-LABEL: func.func @causal
// CHECK: scf.for %[[I:[a-z0-9]+]] = %c0 to
// CHECK-NEXT: %[[KEY:.*]] = arith.muli %[[I]], %c64
// CHECK: tile.band_mask
func.func @causal(%q: tensor<?x8x?x64xf16>, %k: tensor<?x8x?x64xf16>, %v: tensor<?x8x?x64xf16>) -> tensor<?x8x?x64xf16>
    attributes {tile.plan = #tile.plan<target = "sm_90a", query_tile = 64, kv_tile = 64, warpgroups = 1, stages = 2, overlap = true, ping_pong = false, ascending = true>} {
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 8>) causality(#attn.causality<bottom_right>)
      : (tensor<?x8x?x64xf16>, tensor<?x8x?x64xf16>, tensor<?x8x?x64xf16>) -> tensor<?x8x?x64xf16>
  return %out : tensor<?x8x?x64xf16>
}

// -----

// A window's first block comes first.
// CHECK-LABEL: func.func @window
// CHECK: scf.for %[[I:[a-z0-9]+]] = %c0 to
// CHECK-NEXT: %[[BLOCK:.*]] = arith.addi %{{[0-9]+}}, %[[I]]
// CHECK-NEXT: arith.muli %[[BLOCK]], %c64
func.func @window(%q: tensor<?x8x?x64xf16>, %k: tensor<?x8x?x64xf16>, %v: tensor<?x8x?x64xf16>) -> tensor<?x8x?x64xf16>
    attributes {tile.plan = #tile.plan<target = "sm_90a", query_tile = 64, kv_tile = 64, warpgroups = 1, stages = 2, overlap = true, ping_pong = false, ascending = true>} {
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 8>) causality(#attn.causality<bottom_right, left = 100>)
      : (tensor<?x8x?x64xf16>, tensor<?x8x?x64xf16>, tensor<?x8x?x64xf16>) -> tensor<?x8x?x64xf16>
  return %out : tensor<?x8x?x64xf16>
}

// A table's, too.
// TABLE: %[[TABLE:.*]] = tile.tabulate
// TABLE: scf.for %[[I:[a-z0-9]+]] = %c0 to
// TABLE: tile.find_block %[[TABLE]][%[[I]]]
