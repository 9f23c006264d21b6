// RUN: attn-opt %s -split-input-file -verify-diagnostics

// (M3) document ids are a rank-2 i32 tensor: batches or 1, keys.

func.func @f(%q: tensor<2x8x4x64xf16>, %k: tensor<2x8x4x64xf16>, %v: tensor<2x8x4x64xf16>, %a: tensor<4xi32>) -> tensor<2x8x4x64xf16> {
  // expected-error @+1 {{expects the document ids to be a tensor of i32 with the axes batches (or 1), keys, got 'tensor<4xi32>'}}
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 8>) documents(%a)
      : (tensor<2x8x4x64xf16>, tensor<2x8x4x64xf16>, tensor<2x8x4x64xf16>, tensor<4xi32>) -> tensor<2x8x4x64xf16>
  return %out : tensor<2x8x4x64xf16>
}

// -----

func.func @f(%q: tensor<2x8x4x64xf16>, %k: tensor<2x8x4x64xf16>, %v: tensor<2x8x4x64xf16>, %a: tensor<2x1xi32>) -> tensor<2x8x4x64xf16> {
  // expected-error @+1 {{expects the document ids to be a tensor of i32 with the axes batches (or 1), keys, got 'tensor<2x1xi32>'}}
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 8>) documents(%a)
      : (tensor<2x8x4x64xf16>, tensor<2x8x4x64xf16>, tensor<2x8x4x64xf16>, tensor<2x1xi32>) -> tensor<2x8x4x64xf16>
  return %out : tensor<2x8x4x64xf16>
}
