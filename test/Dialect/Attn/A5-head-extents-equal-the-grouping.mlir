// RUN: attn-opt %s -split-input-file -verify-diagnostics

// (A5) static head extents equal the head grouping.

func.func @query(%q: tensor<1x8x4x64xf16>, %k: tensor<1x8x4x64xf16>, %v: tensor<1x8x4x64xf16>) {
  // expected-error @+1 {{'attn.attention' op expects the query to have 16 heads as its head grouping says, got 8}}
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 16, kv = 8>)
      : (tensor<1x8x4x64xf16>, tensor<1x8x4x64xf16>, tensor<1x8x4x64xf16>) -> tensor<1x8x4x64xf16>
  return
}

// -----

func.func @key(%q: tensor<1x8x4x64xf16>, %k: tensor<1x8x4x64xf16>, %v: tensor<1x2x4x64xf16>) {
  // expected-error @+1 {{expects the key to have 2 heads as its head grouping says, got 8}}
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 2>)
      : (tensor<1x8x4x64xf16>, tensor<1x8x4x64xf16>, tensor<1x2x4x64xf16>) -> tensor<1x8x4x64xf16>
  return
}

// -----

func.func @value(%q: tensor<1x8x4x64xf16>, %k: tensor<1x2x4x64xf16>, %v: tensor<1x8x4x64xf16>) {
  // expected-error @+1 {{expects the value to have 2 heads as its head grouping says, got 8}}
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 2>)
      : (tensor<1x8x4x64xf16>, tensor<1x2x4x64xf16>, tensor<1x8x4x64xf16>) -> tensor<1x8x4x64xf16>
  return
}

// -----

func.func @output(%q: tensor<1x8x4x64xf16>, %k: tensor<1x8x4x64xf16>, %v: tensor<1x8x4x64xf16>) {
  // expected-error @+1 {{expects the output to have 8 heads as its head grouping says, got 4}}
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 8>)
      : (tensor<1x8x4x64xf16>, tensor<1x8x4x64xf16>, tensor<1x8x4x64xf16>) -> tensor<1x4x4x64xf16>
  return
}
