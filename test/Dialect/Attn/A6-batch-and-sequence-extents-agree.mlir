// RUN: attn-opt %s -split-input-file -verify-diagnostics

// (A6) batch extents agree, as do the sequence extents of key and value, and of query and output.

func.func @batch_of_key(%q: tensor<1x8x4x64xf16>, %k: tensor<2x8x4x64xf16>, %v: tensor<1x8x4x64xf16>) {
  // expected-error @+1 {{'attn.attention' op expects query and key to have the same batch size, got 1 and 2}}
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 8>)
      : (tensor<1x8x4x64xf16>, tensor<2x8x4x64xf16>, tensor<1x8x4x64xf16>) -> tensor<1x8x4x64xf16>
  return
}

// -----

func.func @batch_of_value(%q: tensor<1x8x4x64xf16>, %k: tensor<1x8x4x64xf16>, %v: tensor<2x8x4x64xf16>) {
  // expected-error @+1 {{expects query and value to have the same batch size, got 1 and 2}}
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 8>)
      : (tensor<1x8x4x64xf16>, tensor<1x8x4x64xf16>, tensor<2x8x4x64xf16>) -> tensor<1x8x4x64xf16>
  return
}

// -----

func.func @batch_of_output(%q: tensor<1x8x4x64xf16>, %k: tensor<1x8x4x64xf16>, %v: tensor<1x8x4x64xf16>) {
  // expected-error @+1 {{expects query and output to have the same batch size, got 1 and 2}}
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 8>)
      : (tensor<1x8x4x64xf16>, tensor<1x8x4x64xf16>, tensor<1x8x4x64xf16>) -> tensor<2x8x4x64xf16>
  return
}

// -----

func.func @sequence_of_key_and_value(%q: tensor<1x8x4x64xf16>, %k: tensor<1x8x4x64xf16>, %v: tensor<1x8x5x64xf16>) {
  // expected-error @+1 {{expects key and value to have the same sequence length, got 4 and 5}}
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 8>)
      : (tensor<1x8x4x64xf16>, tensor<1x8x4x64xf16>, tensor<1x8x5x64xf16>) -> tensor<1x8x4x64xf16>
  return
}

// -----

func.func @sequence_of_query_and_output(%q: tensor<1x8x4x64xf16>, %k: tensor<1x8x4x64xf16>, %v: tensor<1x8x4x64xf16>) {
  // expected-error @+1 {{expects query and output to have the same sequence length, got 4 and 5}}
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 8>)
      : (tensor<1x8x4x64xf16>, tensor<1x8x4x64xf16>, tensor<1x8x4x64xf16>) -> tensor<1x8x5x64xf16>
  return
}
