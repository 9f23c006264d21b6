// Multi-query attention as in Falcon-7B: 71 query heads of 64 read one key/value head, so the cache is 71 times smaller.
func.func @mqa(%q: tensor<?x71x?x64xbf16>, %k: tensor<?x1x?x64xbf16>, %v: tensor<?x1x?x64xbf16>) -> tensor<?x71x?x64xbf16> {
  %out = attn.attention %q, %k, %v
      heads(#attn.head_grouping<query = 71, kv = 1>)
      causality(#attn.causality<bottom_right>)
      : (tensor<?x71x?x64xbf16>, tensor<?x1x?x64xbf16>, tensor<?x1x?x64xbf16>) -> tensor<?x71x?x64xbf16>
  return %out : tensor<?x71x?x64xbf16>
}
