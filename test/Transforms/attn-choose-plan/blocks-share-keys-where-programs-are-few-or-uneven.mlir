// RUN: attn-opt %s --split-input-file --attn-cuda="stop-after=planned length-hint=8192" --remark-format=emitRemark --remarks-filter=attn-choose-plan -o /dev/null 2>&1 | FileCheck %s
// RUN: attn-opt %s --split-input-file --attn-cuda="stop-after=planned length-hint=131072" --remark-format=emitRemark --remarks-filter=attn-choose-plan -o /dev/null 2>&1 | FileCheck %s --check-prefix=LONG

// Decoding: one query of 16 heads. A part has 32 blocks of keys or more.
// CHECK: residency = 2, split = 4>, 16 programs of 1 head for 132 multiprocessors, so 4 blocks share the keys of one
// LONG: residency = 2, split = 8>, 16 programs of 1 head for 132 multiprocessors, so 8 blocks share the keys of one
func.func @decode(%q: tensor<1x16x1x128xbf16>, %k: tensor<1x16x?x128xbf16>, %v: tensor<1x16x?x128xbf16>) -> tensor<1x16x1x128xbf16> {
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 16, kv = 16>) causality(#attn.causality<bottom_right>)
      : (tensor<1x16x1x128xbf16>, tensor<1x16x?x128xbf16>, tensor<1x16x?x128xbf16>) -> tensor<1x16x1x128xbf16>
  return %out : tensor<1x16x1x128xbf16>
}

// -----

// 512 programs fill the machine.
// CHECK: #tile.plan
// CHECK-NOT: split
// CHECK-SAME: {{by the cost model|table}}
func.func @batch(%q: tensor<16x32x1x128xbf16>, %k: tensor<16x32x?x128xbf16>, %v: tensor<16x32x?x128xbf16>) -> tensor<16x32x1x128xbf16> {
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 32, kv = 32>) causality(#attn.causality<bottom_right>)
      : (tensor<16x32x1x128xbf16>, tensor<16x32x?x128xbf16>, tensor<16x32x?x128xbf16>) -> tensor<16x32x1x128xbf16>
  return %out : tensor<16x32x1x128xbf16>
}

// -----

// Longformer with four heads: the first tile sees all keys, the others some 600, so a launch ends with it.
// CHECK: residency = 2, split = 4>, by the cost model
func.func @global(%q: tensor<1x4x?x128xbf16>, %k: tensor<1x4x?x128xbf16>, %v: tensor<1x4x?x128xbf16>) -> tensor<1x4x?x128xbf16> {
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 4, kv = 4>) mask {
  ^bb0(%b: index, %h: index, %i: index, %j: index):
    %window = arith.constant 256 : index
    %minus_window = arith.constant -256 : index
    %globals = arith.constant 64 : index
    %distance = arith.subi %i, %j : index
    %not_left = arith.cmpi sle, %distance, %window : index
    %not_right = arith.cmpi sge, %distance, %minus_window : index
    %near = arith.andi %not_left, %not_right : i1
    %global_query = arith.cmpi slt, %i, %globals : index
    %allowed = arith.ori %near, %global_query : i1
    attn.yield %allowed : i1
  } : (tensor<1x4x?x128xbf16>, tensor<1x4x?x128xbf16>, tensor<1x4x?x128xbf16>) -> tensor<1x4x?x128xbf16>
  return %out : tensor<1x4x?x128xbf16>
}

// -----

// With 32 heads it does not.
// CHECK: residency = 2>, by the cost model
func.func @many(%q: tensor<8x4x?x128xbf16>, %k: tensor<8x4x?x128xbf16>, %v: tensor<8x4x?x128xbf16>) -> tensor<8x4x?x128xbf16> {
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 4, kv = 4>) mask {
  ^bb0(%b: index, %h: index, %i: index, %j: index):
    %window = arith.constant 256 : index
    %minus_window = arith.constant -256 : index
    %globals = arith.constant 64 : index
    %distance = arith.subi %i, %j : index
    %not_left = arith.cmpi sle, %distance, %window : index
    %not_right = arith.cmpi sge, %distance, %minus_window : index
    %near = arith.andi %not_left, %not_right : i1
    %global_query = arith.cmpi slt, %i, %globals : index
    %allowed = arith.ori %near, %global_query : i1
    attn.yield %allowed : i1
  } : (tensor<8x4x?x128xbf16>, tensor<8x4x?x128xbf16>, tensor<8x4x?x128xbf16>) -> tensor<8x4x?x128xbf16>
  return %out : tensor<8x4x?x128xbf16>
}
