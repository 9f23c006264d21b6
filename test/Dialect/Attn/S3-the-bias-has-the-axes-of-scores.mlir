// RUN: attn-opt %s -split-input-file -verify-diagnostics

// (S3) the bias is a rank-4 tensor of f32, f16 or bf16: batches or 1, query heads or 1, queries or 1, keys or 1.

func.func @f(%q: tensor<2x8x4x64xf16>, %k: tensor<2x8x4x64xf16>, %v: tensor<2x8x4x64xf16>, %a: tensor<2x8x4x5xf32>) -> tensor<2x8x4x64xf16> {
  // expected-error @+1 {{expects the bias to be a tensor of f32, f16 or bf16 with the axes batches (or 1), query heads (or 1), queries (or 1), keys (or 1), got 'tensor<2x8x4x5xf32>'}}
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 8>) bias(%a)
      : (tensor<2x8x4x64xf16>, tensor<2x8x4x64xf16>, tensor<2x8x4x64xf16>, tensor<2x8x4x5xf32>) -> tensor<2x8x4x64xf16>
  return %out : tensor<2x8x4x64xf16>
}

// -----

func.func @f(%q: tensor<2x8x4x64xf16>, %k: tensor<2x8x4x64xf16>, %v: tensor<2x8x4x64xf16>, %a: tensor<8x4x4xf32>) -> tensor<2x8x4x64xf16> {
  // expected-error @+1 {{expects the bias to be a tensor of f32, f16 or bf16 with the axes batches (or 1), query heads (or 1), queries (or 1), keys (or 1), got 'tensor<8x4x4xf32>'}}
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 8>) bias(%a)
      : (tensor<2x8x4x64xf16>, tensor<2x8x4x64xf16>, tensor<2x8x4x64xf16>, tensor<8x4x4xf32>) -> tensor<2x8x4x64xf16>
  return %out : tensor<2x8x4x64xf16>
}

// -----

func.func @f(%q: tensor<2x8x4x64xf16>, %k: tensor<2x8x4x64xf16>, %v: tensor<2x8x4x64xf16>, %a: tensor<2x8x4x4xi32>) -> tensor<2x8x4x64xf16> {
  // expected-error @+1 {{expects the bias to be a tensor of f32, f16 or bf16 with the axes batches (or 1), query heads (or 1), queries (or 1), keys (or 1), got 'tensor<2x8x4x4xi32>'}}
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 8>) bias(%a)
      : (tensor<2x8x4x64xf16>, tensor<2x8x4x64xf16>, tensor<2x8x4x64xf16>, tensor<2x8x4x4xi32>) -> tensor<2x8x4x64xf16>
  return %out : tensor<2x8x4x64xf16>
}
