// A prefix language model: the first 256 keys are seen by every query, the rest causally.
func.func @prefix(%q: tensor<?x8x?x128xbf16>, %k: tensor<?x8x?x128xbf16>, %v: tensor<?x8x?x128xbf16>)
    -> tensor<?x8x?x128xbf16> {
  %out = attn.attention %q, %k, %v
      heads(#attn.head_grouping<query = 8, kv = 8>)
      mask {
      ^bb0(%b: index, %h: index, %i: index, %j: index):
        %length = arith.constant 256 : index
        %prefix = arith.cmpi slt, %j, %length : index
        %causal = arith.cmpi sle, %j, %i : index
        %allowed = arith.ori %prefix, %causal : i1
        attn.yield %allowed : i1
      }
      : (tensor<?x8x?x128xbf16>, tensor<?x8x?x128xbf16>, tensor<?x8x?x128xbf16>) -> tensor<?x8x?x128xbf16>
  return %out : tensor<?x8x?x128xbf16>
}
