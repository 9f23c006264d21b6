// Documents packed into one sequence: a query sees the keys of its own document, causally. %ids numbers the document of
// each position of each batch, and is sorted, so that a search finds the keys of a query tile: other documents' are not visited.
func.func @document(%q: tensor<?x8x?x128xbf16>, %k: tensor<?x8x?x128xbf16>, %v: tensor<?x8x?x128xbf16>,
                    %ids: tensor<?x?xi32>) -> tensor<?x8x?x128xbf16> {
  %out = attn.attention %q, %k, %v captures(%ids sorted)
      heads(#attn.head_grouping<query = 8, kv = 8>)
      causality(#attn.causality<top_left>)
      mask {
      ^bb0(%b: index, %h: index, %i: index, %j: index, %documents: tensor<?x?xi32>):
        %mine = tensor.extract %documents[%b, %i] : tensor<?x?xi32>
        %other = tensor.extract %documents[%b, %j] : tensor<?x?xi32>
        %same = arith.cmpi eq, %mine, %other : i32
        attn.yield %same : i1
      }
      : (tensor<?x8x?x128xbf16>, tensor<?x8x?x128xbf16>, tensor<?x8x?x128xbf16>, tensor<?x?xi32>) -> tensor<?x8x?x128xbf16>
  return %out : tensor<?x8x?x128xbf16>
}
