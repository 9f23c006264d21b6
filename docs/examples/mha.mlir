// Multi-head attention of a text encoder such as BERT-large: 16 heads of 64, every token sees every token.
// Batch and length are launch arguments: one compiled kernel serves all of them.
func.func @mha(%q: tensor<?x16x?x64xf16>, %k: tensor<?x16x?x64xf16>, %v: tensor<?x16x?x64xf16>) -> tensor<?x16x?x64xf16> {
  %out = attn.attention %q, %k, %v
      heads(#attn.head_grouping<query = 16, kv = 16>)
      : (tensor<?x16x?x64xf16>, tensor<?x16x?x64xf16>, tensor<?x16x?x64xf16>) -> tensor<?x16x?x64xf16>
  return %out : tensor<?x16x?x64xf16>
}
