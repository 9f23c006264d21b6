// RUN: attn-opt %s --pass-pipeline='builtin.module(func.func(attn-expand-clauses))' -verify-diagnostics

func.func @captured(%q: tensor<?x8x?x64xf16>, %k: tensor<?x8x?x64xf16>, %v: tensor<?x8x?x64xf16>) -> tensor<?x8x?x64xf16> {
  // expected-error @+1 {{expects captured values other than query, key, value, lengths and offsets, got one of these}}
  %out = attn.attention %q, %k, %v captures(%q) heads(#attn.head_grouping<query = 8, kv = 8>)
      : (tensor<?x8x?x64xf16>, tensor<?x8x?x64xf16>, tensor<?x8x?x64xf16>, tensor<?x8x?x64xf16>) -> tensor<?x8x?x64xf16>
  return %out : tensor<?x8x?x64xf16>
}
