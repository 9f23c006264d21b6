// RUN: attn-opt %s -split-input-file -verify-diagnostics

// (A7) the log-sum-exp is a rank-3 f32 tensor of batch, query head, query.

func.func @rank(%q: tensor<1x8x4x64xf16>, %k: tensor<1x8x4x64xf16>, %v: tensor<1x8x4x64xf16>) {
  // expected-error @+1 {{'attn.attention' op expects the log-sum-exp to have rank 3 (batch, head, query), got rank 4}}
  %out, %lse = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 8>)
      : (tensor<1x8x4x64xf16>, tensor<1x8x4x64xf16>, tensor<1x8x4x64xf16>) -> (tensor<1x8x4x64xf16>, tensor<1x8x4x1xf32>)
  return
}

// -----

func.func @extent(%q: tensor<1x8x4x64xf16>, %k: tensor<1x8x4x64xf16>, %v: tensor<1x8x4x64xf16>) {
  // expected-error @+1 {{expects the log-sum-exp to have the query's extent 4 on axis 2, got 5}}
  %out, %lse = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 8>)
      : (tensor<1x8x4x64xf16>, tensor<1x8x4x64xf16>, tensor<1x8x4x64xf16>) -> (tensor<1x8x4x64xf16>, tensor<1x8x5xf32>)
  return
}

// -----

func.func @element_type(%q: tensor<1x8x4x64xf16>, %k: tensor<1x8x4x64xf16>, %v: tensor<1x8x4x64xf16>) {
  // expected-error @+1 {{result #1 must be ranked tensor of 32-bit float values, but got 'tensor<1x8x4xf16>'}}
  %out, %lse = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 8>)
      : (tensor<1x8x4x64xf16>, tensor<1x8x4x64xf16>, tensor<1x8x4x64xf16>) -> (tensor<1x8x4x64xf16>, tensor<1x8x4xf16>)
  return
}
