// Sequences one behind another along the sequence axis, as FlashAttention's varlen functions take them: %queries and %keys
// are cu_seqlens. Memory [total, head, head_dim] is a tensor [1, head, total, head_dim] with its strides.
func.func @packed(%q: tensor<1x16x?x128xbf16>, %k: tensor<1x4x?x128xbf16>, %v: tensor<1x4x?x128xbf16>,
                  %queries: tensor<?xi32>, %keys: tensor<?xi32>)
    -> (tensor<1x16x?x128xbf16>, tensor<1x16x?xf32>) {
  %out, %lse = attn.attention %q, %k, %v
      heads(#attn.head_grouping<query = 16, kv = 4>)
      packed(query = %queries, kv = %keys)
      causality(#attn.causality<bottom_right>)
      : (tensor<1x16x?x128xbf16>, tensor<1x4x?x128xbf16>, tensor<1x4x?x128xbf16>, tensor<?xi32>, tensor<?xi32>)
      -> (tensor<1x16x?x128xbf16>, tensor<1x16x?xf32>)
  return %out, %lse : tensor<1x16x?x128xbf16>, tensor<1x16x?xf32>
}
