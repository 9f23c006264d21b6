// RUN: attn-opt %s -split-input-file -verify-diagnostics

// (R2) offsets are rank-1 tensors of i32 with an element a sequence and one more.

func.func @rank(%q: tensor<1x8x4x64xf16>, %k: tensor<1x8x4x64xf16>, %v: tensor<1x8x4x64xf16>, %c: tensor<2x3xi32>) {
  // expected-error @+1 {{'attn.attention' op expects the query offsets to have rank 1, got rank 2}}
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 8>) packed(query = %c)
      : (tensor<1x8x4x64xf16>, tensor<1x8x4x64xf16>, tensor<1x8x4x64xf16>, tensor<2x3xi32>) -> tensor<1x8x4x64xf16>
  return
}

// -----

func.func @none(%q: tensor<1x8x4x64xf16>, %k: tensor<?x8x4x64xf16>, %v: tensor<?x8x4x64xf16>, %c: tensor<0xi32>) {
  // expected-error @+1 {{expects the query offsets to have at least one element, got none}}
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 8>) packed(query = %c)
      : (tensor<1x8x4x64xf16>, tensor<?x8x4x64xf16>, tensor<?x8x4x64xf16>, tensor<0xi32>) -> tensor<1x8x4x64xf16>
  return
}

// -----

func.func @sides(%q: tensor<1x8x4x64xf16>, %k: tensor<1x8x4x64xf16>, %v: tensor<1x8x4x64xf16>, %c: tensor<5xi32>, %d: tensor<4xi32>) {
  // expected-error @+1 {{expects the key offsets to be of 4 sequences, got 3}}
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 8>) packed(query = %c, kv = %d)
      : (tensor<1x8x4x64xf16>, tensor<1x8x4x64xf16>, tensor<1x8x4x64xf16>, tensor<5xi32>, tensor<4xi32>) -> tensor<1x8x4x64xf16>
  return
}

// -----

func.func @one_side(%q: tensor<1x8x4x64xf16>, %k: tensor<3x8x4x64xf16>, %v: tensor<3x8x4x64xf16>, %c: tensor<5xi32>) {
  // expected-error @+1 {{expects the query offsets to be of 3 sequences, got 4}}
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 8>) packed(query = %c)
      : (tensor<1x8x4x64xf16>, tensor<3x8x4x64xf16>, tensor<3x8x4x64xf16>, tensor<5xi32>) -> tensor<1x8x4x64xf16>
  return
}
