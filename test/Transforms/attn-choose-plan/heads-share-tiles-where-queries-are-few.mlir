// RUN: attn-opt %s --split-input-file --attn-cuda="stop-after=planned length-hint=8192" --remark-format=emitRemark --remarks-filter=attn-choose-plan -o /dev/null 2>&1 | FileCheck %s
// RUN: attn-opt %s --split-input-file --attn-cpu="stop-after=planned" | FileCheck %s --check-prefix=CPU

// One query of 32 heads, four of which have the same keys, fills 16 rows.
// CHECK: packed_heads = 4, least_part = 16>, for 1 query of each of 4 heads, whose keys blocks share as a launch decides
// CPU-LABEL: func.func @decode
// CPU-SAME: query_tile = 64, {{.*}} packed_heads = 4>
func.func @decode(%q: tensor<1x32x1x128xbf16>, %k: tensor<1x8x?x128xbf16>, %v: tensor<1x8x?x128xbf16>) -> tensor<1x32x1x128xbf16> {
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 32, kv = 8>) causality(#attn.causality<bottom_right>)
      : (tensor<1x32x1x128xbf16>, tensor<1x8x?x128xbf16>, tensor<1x8x?x128xbf16>) -> tensor<1x32x1x128xbf16>
  return %out : tensor<1x32x1x128xbf16>
}

// -----

// A window has few keys, which are not shared.
// CHECK: residency = 2, packed_heads = 4>, for 1 query of each of 4 heads, whose keys are few
// CPU-LABEL: func.func @window
// CPU-SAME: packed_heads = 4>
func.func @window(%q: tensor<64x32x1x128xbf16>, %k: tensor<64x8x?x128xbf16>, %v: tensor<64x8x?x128xbf16>) -> tensor<64x32x1x128xbf16> {
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 32, kv = 8>) causality(#attn.causality<bottom_right, left = 127>)
      : (tensor<64x32x1x128xbf16>, tensor<64x8x?x128xbf16>, tensor<64x8x?x128xbf16>) -> tensor<64x32x1x128xbf16>
  return %out : tensor<64x32x1x128xbf16>
}

// -----

// Two heads with 32 queries fill a tile; four would need as many tiles.
// CHECK: packed_heads = 2, least_part = 16>, for 32 queries of each of 2 heads
// CPU-LABEL: func.func @speculate
// CPU-SAME: packed_heads = 2>
func.func @speculate(%q: tensor<1x64x32x128xbf16>, %k: tensor<1x8x?x128xbf16>, %v: tensor<1x8x?x128xbf16>) -> tensor<1x64x32x128xbf16> {
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 64, kv = 8>) causality(#attn.causality<bottom_right>)
      : (tensor<1x64x32x128xbf16>, tensor<1x8x?x128xbf16>, tensor<1x8x?x128xbf16>) -> tensor<1x64x32x128xbf16>
  return %out : tensor<1x64x32x128xbf16>
}

// -----

// Queries fill tiles by themselves, or nobody said how many they are.
// CHECK-NOT: packed_heads
// CPU-LABEL: func.func @prefill
// CPU-NOT: packed_heads
func.func @prefill(%q: tensor<1x32x4096x128xbf16>, %k: tensor<1x8x4096x128xbf16>, %v: tensor<1x8x4096x128xbf16>) -> tensor<1x32x4096x128xbf16> {
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 32, kv = 8>)
      : (tensor<1x32x4096x128xbf16>, tensor<1x8x4096x128xbf16>, tensor<1x8x4096x128xbf16>) -> tensor<1x32x4096x128xbf16>
  return %out : tensor<1x32x4096x128xbf16>
}

// -----

func.func @unknown(%q: tensor<1x32x?x128xbf16>, %k: tensor<1x8x?x128xbf16>, %v: tensor<1x8x?x128xbf16>) -> tensor<1x32x?x128xbf16> {
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 32, kv = 8>)
      : (tensor<1x32x?x128xbf16>, tensor<1x8x?x128xbf16>, tensor<1x8x?x128xbf16>) -> tensor<1x32x?x128xbf16>
  return %out : tensor<1x32x?x128xbf16>
}

// -----

// What a head may see is its own matter, so that the keys of a tile are those of one head.
// CPU-LABEL: func.func @of_heads
// CPU-NOT: packed_heads
func.func @of_heads(%q: tensor<1x4x1x128xbf16>, %k: tensor<1x1x?x128xbf16>, %v: tensor<1x1x?x128xbf16>) -> tensor<1x4x1x128xbf16> {
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 4, kv = 1>) mask {
  ^bb0(%b: index, %h: index, %i: index, %j: index):
    %allowed = arith.cmpi sle, %j, %h : index
    attn.yield %allowed : i1
  } : (tensor<1x4x1x128xbf16>, tensor<1x1x?x128xbf16>, tensor<1x1x?x128xbf16>) -> tensor<1x4x1x128xbf16>
  return %out : tensor<1x4x1x128xbf16>
}
