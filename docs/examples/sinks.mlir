// gpt-oss: a learned sink for each head takes part in the softmax and has no value; every other layer sees 128 tokens.
func.func @sinks(%q: tensor<?x64x?x64xbf16>, %k: tensor<?x8x?x64xbf16>, %v: tensor<?x8x?x64xbf16>, %sinks: tensor<64xf32>)
    -> (tensor<?x64x?x64xbf16>, tensor<?x64x?xf32>) {
  %out, %lse = attn.attention %q, %k, %v
      heads(#attn.head_grouping<query = 64, kv = 8>)
      causality(#attn.causality<bottom_right, left = 127>)
      sinks(%sinks)
      : (tensor<?x64x?x64xbf16>, tensor<?x8x?x64xbf16>, tensor<?x8x?x64xbf16>, tensor<64xf32>)
      -> (tensor<?x64x?x64xbf16>, tensor<?x64x?xf32>)
  return %out, %lse : tensor<?x64x?x64xbf16>, tensor<?x64x?xf32>
}
