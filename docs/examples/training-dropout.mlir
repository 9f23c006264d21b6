// Training: softly capped scores, and dropout of a tenth of the weights with a seed that each launch gives.
func.func @training(%q: tensor<?x16x?x128xbf16>, %k: tensor<?x4x?x128xbf16>, %v: tensor<?x4x?x128xbf16>, %seed: tensor<2xi32>)
    -> (tensor<?x16x?x128xbf16>, tensor<?x16x?xf32>) {
  %out, %lse = attn.attention %q, %k, %v
      heads(#attn.head_grouping<query = 16, kv = 4>)
      causality(#attn.causality<bottom_right>)
      softcap(50.0)
      dropout(#attn.dropout<probability = 0.1>, %seed)
      : (tensor<?x16x?x128xbf16>, tensor<?x4x?x128xbf16>, tensor<?x4x?x128xbf16>, tensor<2xi32>)
      -> (tensor<?x16x?x128xbf16>, tensor<?x16x?xf32>)
  return %out, %lse : tensor<?x16x?x128xbf16>, tensor<?x16x?xf32>
}
