// RUN: attn-opt %s --pass-pipeline='builtin.module(func.func(attn-expand-clauses,attn-choose-plan{target=sm_90a}))' | FileCheck %s

// A query sees 513 keys whatever the length: small tiles, so that one block computes while the other starts or ends.
// CHECK-LABEL: func.func @window
// CHECK-SAME: query_tile = 64, kv_tile = 64, warpgroups = 1, stages = 3
// CHECK-SAME: residency = 2
func.func @window(%q: tensor<?x8x?x128xf16>, %k: tensor<?x8x?x128xf16>, %v: tensor<?x8x?x128xf16>) -> tensor<?x8x?x128xf16> {
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 8>)
      mask {
      ^bb0(%b: index, %h: index, %i: index, %j: index):
        %c = arith.constant 256 : index
        %d = arith.subi %i, %j : index
        %m = arith.subi %j, %i : index
        %x = arith.cmpi sle, %d, %c : index
        %y = arith.cmpi sle, %m, %c : index
        %z = arith.andi %x, %y : i1
        attn.yield %z : i1
      } : (tensor<?x8x?x128xf16>, tensor<?x8x?x128xf16>, tensor<?x8x?x128xf16>) -> tensor<?x8x?x128xf16>
  return %out : tensor<?x8x?x128xf16>
}

// Half of all keys.
// CHECK-LABEL: func.func @later
// CHECK-SAME: query_tile = 192, kv_tile = 64, {{.*}}staged_stores = true, ascending = true>
// CHECK-NOT: residency
func.func @later(%q: tensor<?x8x?x128xf16>, %k: tensor<?x8x?x128xf16>, %v: tensor<?x8x?x128xf16>) -> tensor<?x8x?x128xf16> {
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 8>)
      mask {
      ^bb0(%b: index, %h: index, %i: index, %j: index):
        %near = arith.cmpi sge, %j, %i : index
        attn.yield %near : i1
      } : (tensor<?x8x?x128xf16>, tensor<?x8x?x128xf16>, tensor<?x8x?x128xf16>) -> tensor<?x8x?x128xf16>
  return %out : tensor<?x8x?x128xf16>
}

// Three blocks at head_dim 64, for which a causal entry of the table is no neighbour.
// CHECK-LABEL: func.func @narrow
// CHECK-SAME: query_tile = 64, kv_tile = 64, warpgroups = 1, stages = 3
// CHECK-SAME: residency = 3
func.func @narrow(%q: tensor<?x8x?x64xbf16>, %k: tensor<?x8x?x64xbf16>, %v: tensor<?x8x?x64xbf16>) -> tensor<?x8x?x64xbf16> {
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 8>) causality(#attn.causality<bottom_right, left = 1023>)
      : (tensor<?x8x?x64xbf16>, tensor<?x8x?x64xbf16>, tensor<?x8x?x64xbf16>) -> tensor<?x8x?x64xbf16>
  return %out : tensor<?x8x?x64xbf16>
}

// CHECK-LABEL: func.func @wide
// CHECK-SAME: query_tile = 192
// CHECK-NOT: residency
func.func @wide(%q: tensor<?x8x?x64xbf16>, %k: tensor<?x8x?x64xbf16>, %v: tensor<?x8x?x64xbf16>) -> tensor<?x8x?x64xbf16> {
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 8>) causality(#attn.causality<bottom_right, left = 4095>)
      : (tensor<?x8x?x64xbf16>, tensor<?x8x?x64xbf16>, tensor<?x8x?x64xbf16>) -> tensor<?x8x?x64xbf16>
  return %out : tensor<?x8x?x64xbf16>
}

// Documents are found by a search; then the keys of the next block are loaded before the values of this one.
// CHECK-LABEL: func.func @documents
// CHECK-SAME: query_tile = 64, kv_tile = 64, warpgroups = 1, stages = 2
// CHECK-SAME: keys_first = true, residency = 2
func.func @documents(%q: tensor<?x4x?x128xbf16>, %k: tensor<?x4x?x128xbf16>, %v: tensor<?x4x?x128xbf16>, %ids: tensor<?x?xi32>)
    -> tensor<?x4x?x128xbf16> {
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 4, kv = 4>) causality(#attn.causality<top_left>) documents(%ids sorted)
      : (tensor<?x4x?x128xbf16>, tensor<?x4x?x128xbf16>, tensor<?x4x?x128xbf16>, tensor<?x?xi32>) -> tensor<?x4x?x128xbf16>
  return %out : tensor<?x4x?x128xbf16>
}
