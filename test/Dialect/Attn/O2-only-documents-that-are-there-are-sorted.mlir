// RUN: attn-opt %s --verify-diagnostics

// (O2) documents are sorted only where there are documents.

func.func @none(%q: tensor<1x8x4x64xf16>, %k: tensor<1x8x4x64xf16>, %v: tensor<1x8x4x64xf16>) -> tensor<1x8x4x64xf16> {
  // expected-error @+1 {{'attn.attention' op expects document ids where documents are sorted, got none}}
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 8>) {documents_sorted}
      : (tensor<1x8x4x64xf16>, tensor<1x8x4x64xf16>, tensor<1x8x4x64xf16>) -> tensor<1x8x4x64xf16>
  return %out : tensor<1x8x4x64xf16>
}
