// Gemma-2: scores are capped softly at 50, which keeps their gradients alive; the tanh stands in the score region.
func.func @softcap(%q: tensor<?x16x?x128xbf16>, %k: tensor<?x8x?x128xbf16>, %v: tensor<?x8x?x128xbf16>)
    -> tensor<?x16x?x128xbf16> {
  %out = attn.attention %q, %k, %v
      heads(#attn.head_grouping<query = 16, kv = 8>)
      causality(#attn.causality<bottom_right>)
      score {
      ^bb0(%s: f32, %b: index, %h: index, %i: index, %j: index):
        %cap = arith.constant 50.0 : f32
        %ratio = arith.divf %s, %cap : f32
        %bounded = math.tanh %ratio : f32
        %capped = arith.mulf %bounded, %cap : f32
        attn.yield %capped : f32
      }
      : (tensor<?x16x?x128xbf16>, tensor<?x8x?x128xbf16>, tensor<?x8x?x128xbf16>) -> tensor<?x16x?x128xbf16>
  return %out : tensor<?x16x?x128xbf16>
}
