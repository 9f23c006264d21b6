// REQUIRES: attn-run
// RUN: not attn-run %s --target=cpu --shape q=1x6x8x64 k=1x2x8x64 2>&1 | FileCheck %s
// RUN: not attn-run %s --target=cpu --shape q=1x6x8x64 2>&1 | FileCheck %s --check-prefix=ODD

// CHECK: shapes, expects 4 query heads for each kv head as in the spec, got 6 (--shape q) and 2 (--shape k)
// ODD: shapes, expects 4 query heads for each kv head as in the spec, got 6 (--shape q) and 1 (the default)
func.func @f(%q: tensor<?x?x?x64xf16>, %k: tensor<?x?x?x64xf16>, %v: tensor<?x?x?x64xf16>) -> tensor<?x?x?x64xf16> {
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 2>)
      : (tensor<?x?x?x64xf16>, tensor<?x?x?x64xf16>, tensor<?x?x?x64xf16>) -> tensor<?x?x?x64xf16>
  return %out : tensor<?x?x?x64xf16>
}
