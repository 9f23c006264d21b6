// RUN: attn-opt %s -split-input-file -verify-diagnostics

// (O1) what is sorted is a captured tensor of i32.

func.func @type(%q: tensor<1x8x4x64xf16>, %k: tensor<1x8x4x64xf16>, %v: tensor<1x8x4x64xf16>, %c: tensor<?xf32>) {
  // expected-error @+1 {{'attn.attention' op expects sorted captured value 0 to be a tensor of i32, got 'tensor<?xf32>'}}
  %out = attn.attention %q, %k, %v captures(%c sorted) heads(#attn.head_grouping<query = 8, kv = 8>)
      : (tensor<1x8x4x64xf16>, tensor<1x8x4x64xf16>, tensor<1x8x4x64xf16>, tensor<?xf32>) -> tensor<1x8x4x64xf16>
  return
}

// -----

func.func @number(%q: tensor<1x8x4x64xf16>, %k: tensor<1x8x4x64xf16>, %v: tensor<1x8x4x64xf16>, %c: tensor<?xi32>) {
  // expected-error @+1 {{'attn.attention' op expects sorted captured value 1 to be a tensor of i32, got none}}
  %out = "attn.attention"(%q, %k, %v, %c) <{heads = #attn.head_grouping<query = 8, kv = 8>, sorted = array<i64: 1>,
      operandSegmentSizes = array<i32: 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0>}> ({}, {})
      : (tensor<1x8x4x64xf16>, tensor<1x8x4x64xf16>, tensor<1x8x4x64xf16>, tensor<?xi32>) -> tensor<1x8x4x64xf16>
  return
}
