// RUN: attn-opt %s -split-input-file -verify-diagnostics

// (D3) a seed operand is a tensor of two i32, the low word first.

func.func @f(%q: tensor<2x8x4x64xf16>, %k: tensor<2x8x4x64xf16>, %v: tensor<2x8x4x64xf16>, %s: tensor<1xi64>) -> tensor<2x8x4x64xf16> {
  // expected-error @+1 {{expects the seed to be a tensor<2xi32>, low word first, got 'tensor<1xi64>'}}
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 8>) dropout(#attn.dropout<probability = 0.5>, %s)
      : (tensor<2x8x4x64xf16>, tensor<2x8x4x64xf16>, tensor<2x8x4x64xf16>, tensor<1xi64>) -> tensor<2x8x4x64xf16>
  return %out : tensor<2x8x4x64xf16>
}

// -----

func.func @f(%q: tensor<2x8x4x64xf16>, %k: tensor<2x8x4x64xf16>, %v: tensor<2x8x4x64xf16>, %s: tensor<?xi32>) -> tensor<2x8x4x64xf16> {
  // expected-error @+1 {{expects the seed to be a tensor<2xi32>, low word first, got 'tensor<?xi32>'}}
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 8>) dropout(#attn.dropout<probability = 0.5>, %s)
      : (tensor<2x8x4x64xf16>, tensor<2x8x4x64xf16>, tensor<2x8x4x64xf16>, tensor<?xi32>) -> tensor<2x8x4x64xf16>
  return %out : tensor<2x8x4x64xf16>
}
