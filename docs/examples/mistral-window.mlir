// Mistral-7B: causal with a sliding window of 4096 tokens, the query's own and the 4095 before it. Blocks of keys outside
// the window are never visited, so the time for one query stops growing at 4096 keys.
func.func @mistral_window(%q: tensor<?x32x?x128xbf16>, %k: tensor<?x8x?x128xbf16>, %v: tensor<?x8x?x128xbf16>)
    -> tensor<?x32x?x128xbf16> {
  %out = attn.attention %q, %k, %v
      heads(#attn.head_grouping<query = 32, kv = 8>)
      causality(#attn.causality<bottom_right, left = 4095>)
      : (tensor<?x32x?x128xbf16>, tensor<?x8x?x128xbf16>, tensor<?x8x?x128xbf16>) -> tensor<?x32x?x128xbf16>
  return %out : tensor<?x32x?x128xbf16>
}
