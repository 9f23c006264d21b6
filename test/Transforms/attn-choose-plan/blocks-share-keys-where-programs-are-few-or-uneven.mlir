// RUN: attn-opt %s --split-input-file --attn-cuda="stop-after=planned length-hint=8192" --remark-format=emitRemark --remarks-filter=attn-choose-plan -o /dev/null 2>&1 | FileCheck %s

// Decoding: one query of 16 heads. How many blocks share its keys is decided where batch and keys are known.
// CHECK: residency = 2, split = 8, least_part = 16>, for 1 query of each of 1 head, whose keys blocks share as a launch decides
func.func @decode(%q: tensor<?x16x1x128xbf16>, %k: tensor<?x16x?x128xbf16>, %v: tensor<?x16x?x128xbf16>) -> tensor<?x16x1x128xbf16> {
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 16, kv = 16>) causality(#attn.causality<bottom_right>)
      : (tensor<?x16x1x128xbf16>, tensor<?x16x?x128xbf16>, tensor<?x16x?x128xbf16>) -> tensor<?x16x1x128xbf16>
  return %out : tensor<?x16x1x128xbf16>
}

// -----

// Each batch with a length of its own.
// CHECK: split = 8, least_part = 16>, for 1 query of each of 1 head, whose keys blocks share as a launch decides
func.func @lengths(%q: tensor<?x16x1x128xbf16>, %k: tensor<?x16x?x128xbf16>, %v: tensor<?x16x?x128xbf16>, %l: tensor<?xi32>) -> tensor<?x16x1x128xbf16> {
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 16, kv = 16>) lengths(kv = %l)
      : (tensor<?x16x1x128xbf16>, tensor<?x16x?x128xbf16>, tensor<?x16x?x128xbf16>, tensor<?xi32>) -> tensor<?x16x1x128xbf16>
  return %out : tensor<?x16x1x128xbf16>
}

// -----

// 128 queries of 16 heads are 32 small tiles, which leave most of the machine idle; 32 programs of large ones would more.
// CHECK: query_tile = 64, {{.*}}split = 8, least_part = 16>, for 128 queries of each of 1 head, whose keys blocks share as a launch decides
func.func @chunk(%q: tensor<1x16x128x128xbf16>, %k: tensor<1x16x?x128xbf16>, %v: tensor<1x16x?x128xbf16>) -> tensor<1x16x128x128xbf16> {
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 16, kv = 16>) causality(#attn.causality<bottom_right>)
      : (tensor<1x16x128x128xbf16>, tensor<1x16x?x128xbf16>, tensor<1x16x?x128xbf16>) -> tensor<1x16x128x128xbf16>
  return %out : tensor<1x16x128x128xbf16>
}

// -----

// With more of them, or a batch that may have more, tiles are large and nothing is shared.
// CHECK-NOT: {{split|least_part}}
func.func @chunks(%q: tensor<?x16x128x128xbf16>, %k: tensor<?x16x?x128xbf16>, %v: tensor<?x16x?x128xbf16>) -> tensor<?x16x128x128xbf16> {
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 16, kv = 16>) causality(#attn.causality<bottom_right>)
      : (tensor<?x16x128x128xbf16>, tensor<?x16x?x128xbf16>, tensor<?x16x?x128xbf16>) -> tensor<?x16x128x128xbf16>
  return %out : tensor<?x16x128x128xbf16>
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
