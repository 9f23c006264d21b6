// RUN: attn-opt %s -split-input-file -verify-diagnostics

// (M2) `chunk` is from 1 to 2^30 - 1.

func.func @f(%q: tensor<2x8x4x64xf16>, %k: tensor<2x8x4x64xf16>, %v: tensor<2x8x4x64xf16>) -> tensor<2x8x4x64xf16> {
  // expected-error @+1 {{expects a chunk of 1 to 2^30 - 1 positions, got 0}}
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 8>) chunk(0)
      : (tensor<2x8x4x64xf16>, tensor<2x8x4x64xf16>, tensor<2x8x4x64xf16>) -> tensor<2x8x4x64xf16>
  return %out : tensor<2x8x4x64xf16>
}

// -----

func.func @f(%q: tensor<2x8x4x64xf16>, %k: tensor<2x8x4x64xf16>, %v: tensor<2x8x4x64xf16>) -> tensor<2x8x4x64xf16> {
  // expected-error @+1 {{expects a chunk of 1 to 2^30 - 1 positions, got 1073741824}}
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 8>) chunk(1073741824)
      : (tensor<2x8x4x64xf16>, tensor<2x8x4x64xf16>, tensor<2x8x4x64xf16>) -> tensor<2x8x4x64xf16>
  return %out : tensor<2x8x4x64xf16>
}
