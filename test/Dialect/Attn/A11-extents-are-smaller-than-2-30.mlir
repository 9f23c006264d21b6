// RUN: attn-opt %s -split-input-file -verify-diagnostics

// (A11) static extents are smaller than 2^30.

func.func @keys(%q: tensor<1x8x4x64xf16>, %k: tensor<1x8x1073741824x64xf16>, %v: tensor<1x8x1073741824x64xf16>) {
  // expected-error @+1 {{'attn.attention' op expects every extent to be smaller than 2^30, got 1073741824 in the key}}
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 8>)
      : (tensor<1x8x4x64xf16>, tensor<1x8x1073741824x64xf16>, tensor<1x8x1073741824x64xf16>) -> tensor<1x8x4x64xf16>
  return
}

// -----

func.func @batch(%q: tensor<9223372036854775807x8x4x64xf16>, %k: tensor<1x8x4x64xf16>, %v: tensor<1x8x4x64xf16>) {
  // expected-error @+1 {{expects every extent to be smaller than 2^30, got 9223372036854775807 in the query}}
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 8>)
      : (tensor<9223372036854775807x8x4x64xf16>, tensor<1x8x4x64xf16>, tensor<1x8x4x64xf16>) -> tensor<1x8x4x64xf16>
  return
}
