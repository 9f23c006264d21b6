// RUN: attn-opt %s -split-input-file -verify-diagnostics

// (R1) lengths are rank-1 tensors of i32 with an element a batch.

func.func @rank(%q: tensor<2x8x4x64xf16>, %k: tensor<2x8x4x64xf16>, %v: tensor<2x8x4x64xf16>, %l: tensor<2x8xi32>) {
  // expected-error @+1 {{'attn.attention' op expects the query lengths to have rank 1, got rank 2}}
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 8>) lengths(query = %l)
      : (tensor<2x8x4x64xf16>, tensor<2x8x4x64xf16>, tensor<2x8x4x64xf16>, tensor<2x8xi32>) -> tensor<2x8x4x64xf16>
  return
}

// -----

func.func @extent(%q: tensor<2x8x4x64xf16>, %k: tensor<2x8x4x64xf16>, %v: tensor<2x8x4x64xf16>, %l: tensor<3xi32>) {
  // expected-error @+1 {{expects the key lengths to be of 2 sequences, got 3}}
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 8>) lengths(kv = %l)
      : (tensor<2x8x4x64xf16>, tensor<2x8x4x64xf16>, tensor<2x8x4x64xf16>, tensor<3xi32>) -> tensor<2x8x4x64xf16>
  return
}

// -----

func.func @element_type(%q: tensor<2x8x4x64xf16>, %k: tensor<2x8x4x64xf16>, %v: tensor<2x8x4x64xf16>, %l: tensor<2xi64>) {
  // expected-error @+1 {{operand #3 must be ranked tensor of 32-bit signless integer values, but got 'tensor<2xi64>'}}
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 8>) lengths(query = %l)
      : (tensor<2x8x4x64xf16>, tensor<2x8x4x64xf16>, tensor<2x8x4x64xf16>, tensor<2xi64>) -> tensor<2x8x4x64xf16>
  return
}

// -----

func.func @twice(%q: tensor<2x8x4x64xf16>, %k: tensor<2x8x4x64xf16>, %v: tensor<2x8x4x64xf16>, %l: tensor<2xi32>) {
  // expected-error @+1 {{expects 'query = ' and 'kv = ', each at most once, got 'kv'}}
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 8>) lengths(kv = %l, kv = %l)
      : (tensor<2x8x4x64xf16>, tensor<2x8x4x64xf16>, tensor<2x8x4x64xf16>, tensor<2xi32>) -> tensor<2x8x4x64xf16>
  return
}
