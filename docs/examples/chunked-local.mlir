// Chunked local attention, as in Llama 4: causal within chunks of 256 keys.
func.func @chunked_local(%q: tensor<?x8x?x64xbf16>, %k: tensor<?x8x?x64xbf16>, %v: tensor<?x8x?x64xbf16>)
    -> tensor<?x8x?x64xbf16> {
  %out = attn.attention %q, %k, %v
      heads(#attn.head_grouping<query = 8, kv = 8>)
      causality(#attn.causality<top_left>)
      mask {
      ^bb0(%b: index, %h: index, %i: index, %j: index):
        %size = arith.constant 256 : index
        %query_chunk = arith.divui %i, %size : index
        %key_chunk = arith.divui %j, %size : index
        %allowed = arith.cmpi eq, %query_chunk, %key_chunk : index
        attn.yield %allowed : i1
      }
      : (tensor<?x8x?x64xbf16>, tensor<?x8x?x64xbf16>, tensor<?x8x?x64xbf16>) -> tensor<?x8x?x64xbf16>
  return %out : tensor<?x8x?x64xbf16>
}
