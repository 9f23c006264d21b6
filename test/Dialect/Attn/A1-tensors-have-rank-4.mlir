// RUN: attn-opt %s -split-input-file -verify-diagnostics

// (A1) query, key, value and output have rank 4.

func.func @query(%q: tensor<8x4x64xf16>, %k: tensor<1x8x4x64xf16>, %v: tensor<1x8x4x64xf16>) {
  // expected-error @+1 {{'attn.attention' op expects the query to have rank 4 (batch, head, sequence, head_dim), got rank 3}}
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 8>)
      : (tensor<8x4x64xf16>, tensor<1x8x4x64xf16>, tensor<1x8x4x64xf16>) -> tensor<1x8x4x64xf16>
  return
}

// -----

func.func @key(%q: tensor<1x8x4x64xf16>, %k: tensor<8x4x64xf16>, %v: tensor<1x8x4x64xf16>) {
  // expected-error @+1 {{expects the key to have rank 4 (batch, head, sequence, head_dim), got rank 3}}
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 8>)
      : (tensor<1x8x4x64xf16>, tensor<8x4x64xf16>, tensor<1x8x4x64xf16>) -> tensor<1x8x4x64xf16>
  return
}

// -----

func.func @value(%q: tensor<1x8x4x64xf16>, %k: tensor<1x8x4x64xf16>, %v: tensor<1x1x8x4x64xf16>) {
  // expected-error @+1 {{expects the value to have rank 4 (batch, head, sequence, head_dim), got rank 5}}
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 8>)
      : (tensor<1x8x4x64xf16>, tensor<1x8x4x64xf16>, tensor<1x1x8x4x64xf16>) -> tensor<1x8x4x64xf16>
  return
}

// -----

func.func @output(%q: tensor<1x8x4x64xf16>, %k: tensor<1x8x4x64xf16>, %v: tensor<1x8x4x64xf16>) {
  // expected-error @+1 {{expects the output to have rank 4 (batch, head, sequence, head_dim), got rank 3}}
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 8>)
      : (tensor<1x8x4x64xf16>, tensor<1x8x4x64xf16>, tensor<1x8x4x64xf16>) -> tensor<8x4x64xf16>
  return
}
