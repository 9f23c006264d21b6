// RUN: attn-opt %s -split-input-file -verify-diagnostics

// (S2) slopes are a rank-1 f32 tensor with an element a query head.

func.func @f(%q: tensor<2x8x4x64xf16>, %k: tensor<2x8x4x64xf16>, %v: tensor<2x8x4x64xf16>, %a: tensor<4xf32>) -> tensor<2x8x4x64xf16> {
  // expected-error @+1 {{expects the slopes to be a tensor of f32 with the axes query heads, got 'tensor<4xf32>'}}
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 8>) alibi(%a)
      : (tensor<2x8x4x64xf16>, tensor<2x8x4x64xf16>, tensor<2x8x4x64xf16>, tensor<4xf32>) -> tensor<2x8x4x64xf16>
  return %out : tensor<2x8x4x64xf16>
}

// -----

func.func @f(%q: tensor<2x8x4x64xf16>, %k: tensor<2x8x4x64xf16>, %v: tensor<2x8x4x64xf16>, %a: tensor<8xf16>) -> tensor<2x8x4x64xf16> {
  // expected-error @+1 {{expects the slopes to be a tensor of f32 with the axes query heads, got 'tensor<8xf16>'}}
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 8>) alibi(%a)
      : (tensor<2x8x4x64xf16>, tensor<2x8x4x64xf16>, tensor<2x8x4x64xf16>, tensor<8xf16>) -> tensor<2x8x4x64xf16>
  return %out : tensor<2x8x4x64xf16>
}
