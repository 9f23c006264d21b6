// A dilated causal window: every second key back, at most 256 of them.
func.func @dilated(%q: tensor<?x8x?x64xbf16>, %k: tensor<?x8x?x64xbf16>, %v: tensor<?x8x?x64xbf16>)
    -> tensor<?x8x?x64xbf16> {
  %out = attn.attention %q, %k, %v
      heads(#attn.head_grouping<query = 8, kv = 8>)
      causality(#attn.causality<top_left, left = 511>)
      mask {
      ^bb0(%b: index, %h: index, %i: index, %j: index):
        %two = arith.constant 2 : index
        %zero = arith.constant 0 : index
        %distance = arith.addi %i, %j : index
        %rest = arith.remui %distance, %two : index
        %allowed = arith.cmpi eq, %rest, %zero : index
        attn.yield %allowed : i1
      }
      : (tensor<?x8x?x64xbf16>, tensor<?x8x?x64xbf16>, tensor<?x8x?x64xbf16>) -> tensor<?x8x?x64xbf16>
  return %out : tensor<?x8x?x64xbf16>
}
