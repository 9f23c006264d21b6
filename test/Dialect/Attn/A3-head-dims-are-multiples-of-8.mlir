// RUN: attn-opt %s -split-input-file -verify-diagnostics

// (A3) both head dimensions are static multiples of 8 from 16 to 256.

func.func @not_a_multiple(%q: tensor<1x8x4x68xf16>, %k: tensor<1x8x4x68xf16>, %v: tensor<1x8x4x64xf16>) {
  // expected-error @+1 {{'attn.attention' op expects the head dimension to be a multiple of 8 from 16 to 256, got 68 in the query}}
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 8>)
      : (tensor<1x8x4x68xf16>, tensor<1x8x4x68xf16>, tensor<1x8x4x64xf16>) -> tensor<1x8x4x64xf16>
  return
}

// -----

func.func @too_small(%q: tensor<1x8x4x64xf16>, %k: tensor<1x8x4x64xf16>, %v: tensor<1x8x4x8xf16>) {
  // expected-error @+1 {{expects the head dimension to be a multiple of 8 from 16 to 256, got 8 in the value}}
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 8>)
      : (tensor<1x8x4x64xf16>, tensor<1x8x4x64xf16>, tensor<1x8x4x8xf16>) -> tensor<1x8x4x8xf16>
  return
}

// -----

func.func @too_large(%q: tensor<1x8x4x264xf16>, %k: tensor<1x8x4x264xf16>, %v: tensor<1x8x4x64xf16>) {
  // expected-error @+1 {{expects the head dimension to be a multiple of 8 from 16 to 256, got 264 in the query}}
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 8>)
      : (tensor<1x8x4x264xf16>, tensor<1x8x4x264xf16>, tensor<1x8x4x64xf16>) -> tensor<1x8x4x64xf16>
  return
}

// -----

func.func @dynamic(%q: tensor<1x8x4x?xf16>, %k: tensor<1x8x4x?xf16>, %v: tensor<1x8x4x64xf16>) {
  // expected-error @+1 {{expects a static head dimension, got a dynamic one in the query}}
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 8>)
      : (tensor<1x8x4x?xf16>, tensor<1x8x4x?xf16>, tensor<1x8x4x64xf16>) -> tensor<1x8x4x64xf16>
  return
}
