// A given table comes first; head dimensions may be rounded up within 64 columns, a wide window may take a causal entry.
// RUN: attn-opt %s --attn-cuda="stop-after=planned plan-table='[{head_dim = 64, value_dim = 64, mask = \"all\", type = bf16, length = 512, plan = #tile.plan<target = \"sm_90a\", query_tile = 64, kv_tile = 64, warpgroups = 1, stages = 4, overlap = true, ping_pong = false>}, {head_dim = 64, value_dim = 64, mask = \"all\", type = bf16, length = 8192, plan = #tile.plan<target = \"sm_90a\", query_tile = 64, kv_tile = 80, warpgroups = 1, stages = 4, overlap = true, ping_pong = false>}, {head_dim = 64, value_dim = 64, mask = \"causal\", type = bf16, plan = #tile.plan<target = \"sm_90a\", query_tile = 64, kv_tile = 96, warpgroups = 1, stages = 4, overlap = true, ping_pong = false>}]'" --split-input-file | FileCheck %s

// The nearest length by ratio.
// CHECK-LABEL: func.func @short
// CHECK-SAME: kv_tile = 64, warpgroups = 1
func.func @short(%q: tensor<?x8x?x64xf16>, %k: tensor<?x8x1000x64xf16>, %v: tensor<?x8x1000x64xf16>) -> tensor<?x8x?x64xf16> {
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 8>)
      : (tensor<?x8x?x64xf16>, tensor<?x8x1000x64xf16>, tensor<?x8x1000x64xf16>) -> tensor<?x8x?x64xf16>
  return %out : tensor<?x8x?x64xf16>
}

// -----

// Where the length is not known, and no entry is for that, the longest.
// CHECK-LABEL: func.func @unknown
// CHECK-SAME: kv_tile = 80, warpgroups = 1
func.func @unknown(%q: tensor<?x8x?x40xf16>, %k: tensor<?x8x?x40xf16>, %v: tensor<?x8x?x40xf16>) -> tensor<?x8x?x40xf16> {
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 8>)
      : (tensor<?x8x?x40xf16>, tensor<?x8x?x40xf16>, tensor<?x8x?x40xf16>) -> tensor<?x8x?x40xf16>
  return %out : tensor<?x8x?x40xf16>
}

// -----

// CHECK-LABEL: func.func @window
// CHECK-SAME: kv_tile = 96, warpgroups = 1
func.func @window(%q: tensor<?x8x?x64xf16>, %k: tensor<?x8x?x64xf16>, %v: tensor<?x8x?x64xf16>) -> tensor<?x8x?x64xf16> {
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 8>) causality(#attn.causality<bottom_right, left = 4095>)
      : (tensor<?x8x?x64xf16>, tensor<?x8x?x64xf16>, tensor<?x8x?x64xf16>) -> tensor<?x8x?x64xf16>
  return %out : tensor<?x8x?x64xf16>
}

// -----

// Other head dimensions, and regions, have no entry.
// CHECK-LABEL: func.func @wide
// CHECK-SAME: warpgroups = 2
func.func @wide(%q: tensor<?x8x?x72xf16>, %k: tensor<?x8x?x72xf16>, %v: tensor<?x8x?x72xf16>) -> tensor<?x8x?x72xf16> {
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 8>)
      : (tensor<?x8x?x72xf16>, tensor<?x8x?x72xf16>, tensor<?x8x?x72xf16>) -> tensor<?x8x?x72xf16>
  return %out : tensor<?x8x?x72xf16>
}

// -----

// CHECK-LABEL: func.func @region
// CHECK-SAME: warpgroups = 3
func.func @region(%q: tensor<?x8x?x64xf16>, %k: tensor<?x8x?x64xf16>, %v: tensor<?x8x?x64xf16>) -> tensor<?x8x?x64xf16> {
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 8>)
      mask {
      ^bb0(%b: index, %h: index, %i: index, %j: index):
        %allowed = arith.cmpi sle, %j, %i : index
        attn.yield %allowed : i1
      }
      : (tensor<?x8x?x64xf16>, tensor<?x8x?x64xf16>, tensor<?x8x?x64xf16>) -> tensor<?x8x?x64xf16>
  return %out : tensor<?x8x?x64xf16>
}
