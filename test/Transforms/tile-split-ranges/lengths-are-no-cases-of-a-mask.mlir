// RUN: attn-opt %s --split-input-file --attn-cuda="stop-after=split" | FileCheck %s
// RUN: attn-opt %s --split-input-file --attn-cuda="stop-after=split" --remark-format=emitRemark --remarks-filter=tile-split-ranges -o /dev/null 2>&1 | FileCheck %s --check-prefix=REMARK

// The distance of the last query from the last key is a difference of lengths that are clamped to their extents. Each clamp
// chooses between two numbers, but the same for all pairs of a tile: one number as it is.

// REMARK: searched in sorted buffers, once for each query tile, in 1 range
// CHECK-LABEL: func.func @padded
// CHECK-NOT: tile.tabulate
// CHECK-COUNT-4: tile.search
// CHECK-NOT: tile.search
func.func @padded(%q: tensor<?x8x?x64xbf16>, %k: tensor<?x8x?x64xbf16>, %v: tensor<?x8x?x64xbf16>, %ids: tensor<?x?xi32>, %lq: tensor<?xi32>, %lk: tensor<?xi32>) -> tensor<?x8x?x64xbf16> {
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 8>) lengths(query = %lq, kv = %lk) causality(#attn.causality<bottom_right>) documents(%ids sorted)
      : (tensor<?x8x?x64xbf16>, tensor<?x8x?x64xbf16>, tensor<?x8x?x64xbf16>, tensor<?x?xi32>, tensor<?xi32>, tensor<?xi32>) -> tensor<?x8x?x64xbf16>
  return %out : tensor<?x8x?x64xbf16>
}

// -----

// The fifth search is that of the sequence.
// REMARK: searched in sorted buffers, once for each query tile, in 1 range
// CHECK-LABEL: func.func @packed
// CHECK-NOT: tile.tabulate
// CHECK-COUNT-5: tile.search
// CHECK-NOT: tile.search
func.func @packed(%q: tensor<1x8x?x64xbf16>, %k: tensor<1x8x?x64xbf16>, %v: tensor<1x8x?x64xbf16>, %ids: tensor<?x?xi32>, %cq: tensor<?xi32>, %ck: tensor<?xi32>) -> tensor<1x8x?x64xbf16> {
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 8>) packed(query = %cq, kv = %ck) causality(#attn.causality<bottom_right, left = 1023>) documents(%ids sorted)
      : (tensor<1x8x?x64xbf16>, tensor<1x8x?x64xbf16>, tensor<1x8x?x64xbf16>, tensor<?x?xi32>, tensor<?xi32>, tensor<?xi32>) -> tensor<1x8x?x64xbf16>
  return %out : tensor<1x8x?x64xbf16>
}
