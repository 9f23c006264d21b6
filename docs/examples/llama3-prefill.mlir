// Llama-3-8B prefill: 32 query heads share 8 key/value heads. The causal diagonal is aligned to the last key, so the same
// kernel serves a first prompt and one that continues a cache. The second result is the log-sum-exp of each row, which
// merges parts of a sequence or feeds a backward pass.
func.func @llama3_prefill(%q: tensor<?x32x?x128xbf16>, %k: tensor<?x8x?x128xbf16>, %v: tensor<?x8x?x128xbf16>)
    -> (tensor<?x32x?x128xbf16>, tensor<?x32x?xf32>) {
  %out, %lse = attn.attention %q, %k, %v
      heads(#attn.head_grouping<query = 32, kv = 8>)
      causality(#attn.causality<bottom_right>)
      : (tensor<?x32x?x128xbf16>, tensor<?x8x?x128xbf16>, tensor<?x8x?x128xbf16>)
      -> (tensor<?x32x?x128xbf16>, tensor<?x32x?xf32>)
  return %out, %lse : tensor<?x32x?x128xbf16>, tensor<?x32x?xf32>
}
