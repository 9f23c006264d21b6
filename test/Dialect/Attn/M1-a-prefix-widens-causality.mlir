// RUN: attn-opt %s -split-input-file -verify-diagnostics

// (M1) prefix lengths are a rank-1 i32 tensor: batches or 1, and causality forbids something.

func.func @f(%q: tensor<2x8x4x64xf16>, %k: tensor<2x8x4x64xf16>, %v: tensor<2x8x4x64xf16>, %a: tensor<2xi32>) -> tensor<2x8x4x64xf16> {
  // expected-error @+1 {{expects a causality or window where there is a prefix, which widens it, got none}}
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 8>) prefix(%a)
      : (tensor<2x8x4x64xf16>, tensor<2x8x4x64xf16>, tensor<2x8x4x64xf16>, tensor<2xi32>) -> tensor<2x8x4x64xf16>
  return %out : tensor<2x8x4x64xf16>
}

// -----

func.func @f(%q: tensor<2x8x4x64xf16>, %k: tensor<2x8x4x64xf16>, %v: tensor<2x8x4x64xf16>, %a: tensor<3xi32>) -> tensor<2x8x4x64xf16> {
  // expected-error @+1 {{expects the prefix lengths to be a tensor of i32 with the axes batches (or 1), got 'tensor<3xi32>'}}
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 8>) causality(#attn.causality<top_left>) prefix(%a)
      : (tensor<2x8x4x64xf16>, tensor<2x8x4x64xf16>, tensor<2x8x4x64xf16>, tensor<3xi32>) -> tensor<2x8x4x64xf16>
  return %out : tensor<2x8x4x64xf16>
}
