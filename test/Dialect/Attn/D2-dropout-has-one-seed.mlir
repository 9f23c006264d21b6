// RUN: attn-opt %s -split-input-file -verify-diagnostics

// (D2) dropout has one seed, in its attribute or as an operand.

func.func @f(%q: tensor<2x8x4x64xf16>, %k: tensor<2x8x4x64xf16>, %v: tensor<2x8x4x64xf16>) -> tensor<2x8x4x64xf16> {
  // expected-error @+1 {{expects dropout to have one seed, in #attn.dropout or as an operand behind it, got none}}
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 8>)  dropout(#attn.dropout<probability = 0.5>)
      : (tensor<2x8x4x64xf16>, tensor<2x8x4x64xf16>, tensor<2x8x4x64xf16>) -> tensor<2x8x4x64xf16>
  return %out : tensor<2x8x4x64xf16>
}

// -----

func.func @f(%q: tensor<2x8x4x64xf16>, %k: tensor<2x8x4x64xf16>, %v: tensor<2x8x4x64xf16>, %s: tensor<2xi32>) -> tensor<2x8x4x64xf16> {
  // expected-error @+1 {{expects dropout to have one seed, in #attn.dropout or as an operand behind it, got both}}
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 8>) dropout(#attn.dropout<probability = 0.5, seed = 7>, %s)
      : (tensor<2x8x4x64xf16>, tensor<2x8x4x64xf16>, tensor<2x8x4x64xf16>, tensor<2xi32>) -> tensor<2x8x4x64xf16>
  return %out : tensor<2x8x4x64xf16>
}
