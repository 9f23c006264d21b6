// Documents packed into one sequence, each causal in itself, as a clause; document.mlir is the same as a region.
func.func @packed(%q: tensor<?x16x?x128xbf16>, %k: tensor<?x16x?x128xbf16>, %v: tensor<?x16x?x128xbf16>, %ids: tensor<?x?xi32>)
    -> tensor<?x16x?x128xbf16> {
  %out = attn.attention %q, %k, %v
      heads(#attn.head_grouping<query = 16, kv = 16>)
      causality(#attn.causality<bottom_right>)
      documents(%ids sorted)
      : (tensor<?x16x?x128xbf16>, tensor<?x16x?x128xbf16>, tensor<?x16x?x128xbf16>, tensor<?x?xi32>)
      -> tensor<?x16x?x128xbf16>
  return %out : tensor<?x16x?x128xbf16>
}
