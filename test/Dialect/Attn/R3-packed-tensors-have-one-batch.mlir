// RUN: attn-opt %s -split-input-file -verify-diagnostics

// (R3) packed tensors have one batch.

func.func @query(%q: tensor<2x8x4x64xf16>, %k: tensor<?x8x4x64xf16>, %v: tensor<?x8x4x64xf16>, %c: tensor<?xi32>) {
  // expected-error @+1 {{'attn.attention' op expects the packed query to have one batch, got 2}}
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 8>) packed(query = %c)
      : (tensor<2x8x4x64xf16>, tensor<?x8x4x64xf16>, tensor<?x8x4x64xf16>, tensor<?xi32>) -> tensor<2x8x4x64xf16>
  return
}

// -----

func.func @value(%q: tensor<?x8x4x64xf16>, %k: tensor<?x8x4x64xf16>, %v: tensor<3x8x4x64xf16>, %c: tensor<?xi32>) {
  // expected-error @+1 {{'attn.attention' op expects the packed value to have one batch, got 3}}
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 8>) packed(kv = %c)
      : (tensor<?x8x4x64xf16>, tensor<?x8x4x64xf16>, tensor<3x8x4x64xf16>, tensor<?xi32>) -> tensor<?x8x4x64xf16>
  return
}
