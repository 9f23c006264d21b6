// RUN: attn-opt %s -split-input-file -verify-diagnostics

// (A8) `scale`, where given, is finite. The syntax has no infinity, so a value beyond f32 and the generic form make one.

func.func @too_large_for_f32(%q: tensor<1x8x4x64xf16>, %k: tensor<1x8x4x64xf16>, %v: tensor<1x8x4x64xf16>) {
  // expected-error @+1 {{'attn.attention' op expects a finite scale, got INF}}
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 8>) scale(1.0e+39)
      : (tensor<1x8x4x64xf16>, tensor<1x8x4x64xf16>, tensor<1x8x4x64xf16>) -> tensor<1x8x4x64xf16>
  return
}
