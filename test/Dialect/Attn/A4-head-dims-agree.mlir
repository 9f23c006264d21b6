// RUN: attn-opt %s -split-input-file -verify-diagnostics

// (A4) query and key have the same head dimension; value and output have the same head dimension.

func.func @query_and_key(%q: tensor<1x8x4x64xf16>, %k: tensor<1x8x4x128xf16>, %v: tensor<1x8x4x64xf16>) {
  // expected-error @+1 {{'attn.attention' op expects query and key to have the same head dimension, got 64 and 128}}
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 8>)
      : (tensor<1x8x4x64xf16>, tensor<1x8x4x128xf16>, tensor<1x8x4x64xf16>) -> tensor<1x8x4x64xf16>
  return
}

// -----

func.func @value_and_output(%q: tensor<1x8x4x64xf16>, %k: tensor<1x8x4x64xf16>, %v: tensor<1x8x4x128xf16>) {
  // expected-error @+1 {{expects value and output to have the same head dimension, got 128 and 64}}
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 8>)
      : (tensor<1x8x4x64xf16>, tensor<1x8x4x64xf16>, tensor<1x8x4x128xf16>) -> tensor<1x8x4x64xf16>
  return
}
