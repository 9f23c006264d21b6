// RUN: sed 's/WITH/dropout(#attn.dropout<probability = 0.0, seed = 7>)/' %s | attn-opt --attn-cpu=stop-after=stepped -o %t.with
// RUN: sed 's/WITH//' %s | attn-opt --attn-cpu=stop-after=stepped -o %t.without
// RUN: diff %t.with %t.without

// A probability of 0, or one too small for 32 bits, is the program without dropout.
func.func @attention(%q: tensor<?x8x?x64xf16>, %k: tensor<?x8x?x64xf16>, %v: tensor<?x8x?x64xf16>) -> tensor<?x8x?x64xf16> {
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 8>) WITH
      : (tensor<?x8x?x64xf16>, tensor<?x8x?x64xf16>, tensor<?x8x?x64xf16>) -> tensor<?x8x?x64xf16>
  return %out : tensor<?x8x?x64xf16>
}
