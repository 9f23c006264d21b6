// A batch of sequences padded to one length: %queries and %keys say how many rows of each batch count. What lies in the
// padding has no effect, whatever it is, and its rows of the output are 0. The causal diagonal is that of the lengths.
func.func @padding(%q: tensor<?x16x?x128xbf16>, %k: tensor<?x4x?x128xbf16>, %v: tensor<?x4x?x128xbf16>,
                   %queries: tensor<?xi32>, %keys: tensor<?xi32>)
    -> (tensor<?x16x?x128xbf16>, tensor<?x16x?xf32>) {
  %out, %lse = attn.attention %q, %k, %v
      heads(#attn.head_grouping<query = 16, kv = 4>)
      lengths(query = %queries, kv = %keys)
      causality(#attn.causality<bottom_right>)
      : (tensor<?x16x?x128xbf16>, tensor<?x4x?x128xbf16>, tensor<?x4x?x128xbf16>, tensor<?xi32>, tensor<?xi32>)
      -> (tensor<?x16x?x128xbf16>, tensor<?x16x?xf32>)
  return %out, %lse : tensor<?x16x?x128xbf16>, tensor<?x16x?xf32>
}
