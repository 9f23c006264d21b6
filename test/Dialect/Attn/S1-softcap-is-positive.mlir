// RUN: attn-opt %s -split-input-file -verify-diagnostics

// (S1) `softcap` is finite and positive.

func.func @f(%q: tensor<2x8x4x64xf16>, %k: tensor<2x8x4x64xf16>, %v: tensor<2x8x4x64xf16>) -> tensor<2x8x4x64xf16> {
  // expected-error @+1 {{expects a finite and positive softcap, got 0.0}}
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 8>) softcap(0.0)
      : (tensor<2x8x4x64xf16>, tensor<2x8x4x64xf16>, tensor<2x8x4x64xf16>) -> tensor<2x8x4x64xf16>
  return %out : tensor<2x8x4x64xf16>
}

// -----

func.func @f(%q: tensor<2x8x4x64xf16>, %k: tensor<2x8x4x64xf16>, %v: tensor<2x8x4x64xf16>) -> tensor<2x8x4x64xf16> {
  // expected-error @+1 {{expects a finite and positive softcap, got -2.0}}
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 8>) softcap(-2.0)
      : (tensor<2x8x4x64xf16>, tensor<2x8x4x64xf16>, tensor<2x8x4x64xf16>) -> tensor<2x8x4x64xf16>
  return %out : tensor<2x8x4x64xf16>
}
