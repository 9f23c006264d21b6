// RUN: attn-opt %s --split-input-file --attn-cuda="stop-after=planned length-hint=8192" --remark-format=emitRemark --remarks-filter=attn-choose-plan -o /dev/null 2>&1 | FileCheck %s
// RUN: attn-opt %s --split-input-file --attn-cpu="stop-after=planned" | FileCheck %s --check-prefix=CPU

// One query of 32 heads, four of which have the same keys, fills 16 rows.
// CHECK: residency = 2, split = 8, packed_heads = 4>, 8 programs of 4 heads for 132 multiprocessors, so 8 blocks share the keys of one
// CPU-LABEL: func.func @decode
// CPU-SAME: query_tile = 64, {{.*}} packed_heads = 4>
func.func @decode(%q: tensor<1x32x1x128xbf16>, %k: tensor<1x8x?x128xbf16>, %v: tensor<1x8x?x128xbf16>) -> tensor<1x32x1x128xbf16> {
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 32, kv = 8>) causality(#attn.causality<bottom_right>)
      : (tensor<1x32x1x128xbf16>, tensor<1x8x?x128xbf16>, tensor<1x8x?x128xbf16>) -> tensor<1x32x1x128xbf16>
  return %out : tensor<1x32x1x128xbf16>
}

// -----

// Where there are more programs than multiprocessors, no keys are shared.
// CHECK: residency = 2, packed_heads = 4>, 512 programs of 4 heads for 132 multiprocessors"
// CPU-LABEL: func.func @batch
// CPU-SAME: packed_heads = 4>
func.func @batch(%q: tensor<64x32x1x128xbf16>, %k: tensor<64x8x?x128xbf16>, %v: tensor<64x8x?x128xbf16>) -> tensor<64x32x1x128xbf16> {
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 32, kv = 8>)
      : (tensor<64x32x1x128xbf16>, tensor<64x8x?x128xbf16>, tensor<64x8x?x128xbf16>) -> tensor<64x32x1x128xbf16>
  return %out : tensor<64x32x1x128xbf16>
}

// -----

// Two heads with 32 queries fill a tile; four would need as many tiles.
// CHECK: split = 4, packed_heads = 2>, 32 programs of 2 heads
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
