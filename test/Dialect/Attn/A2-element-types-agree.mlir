// RUN: attn-opt %s -split-input-file -verify-diagnostics

// (A2) they have one element type: f16, bf16 or f32.

func.func @key(%q: tensor<1x8x4x64xf16>, %k: tensor<1x8x4x64xbf16>, %v: tensor<1x8x4x64xf16>) {
  // expected-error @+1 {{'attn.attention' op expects the key to have the query's element type 'f16', got 'bf16'}}
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 8>)
      : (tensor<1x8x4x64xf16>, tensor<1x8x4x64xbf16>, tensor<1x8x4x64xf16>) -> tensor<1x8x4x64xf16>
  return
}

// -----

func.func @output(%q: tensor<1x8x4x64xf16>, %k: tensor<1x8x4x64xf16>, %v: tensor<1x8x4x64xf16>) {
  // expected-error @+1 {{expects the output to have the query's element type 'f16', got 'f32'}}
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 8>)
      : (tensor<1x8x4x64xf16>, tensor<1x8x4x64xf16>, tensor<1x8x4x64xf16>) -> tensor<1x8x4x64xf32>
  return
}

// -----

func.func @integers(%q: tensor<1x8x4x64xi8>, %k: tensor<1x8x4x64xi8>, %v: tensor<1x8x4x64xi8>) {
  // expected-error @+1 {{operand #0 must be ranked tensor of f16, bf16 or f32 values, but got 'tensor<1x8x4x64xi8>'}}
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 8>)
      : (tensor<1x8x4x64xi8>, tensor<1x8x4x64xi8>, tensor<1x8x4x64xi8>) -> tensor<1x8x4x64xi8>
  return
}

// -----

func.func @double_precision(%q: tensor<1x8x4x64xf64>, %k: tensor<1x8x4x64xf64>, %v: tensor<1x8x4x64xf64>) {
  // expected-error @+1 {{operand #0 must be ranked tensor of f16, bf16 or f32 values, but got 'tensor<1x8x4x64xf64>'}}
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 8>)
      : (tensor<1x8x4x64xf64>, tensor<1x8x4x64xf64>, tensor<1x8x4x64xf64>) -> tensor<1x8x4x64xf64>
  return
}
