// Cross-attention of Whisper-large's decoder: text tokens (any number) read the encoder's 1500 audio frames. The number of
// keys is fixed by the model, so the type says so, and a launch with another length is refused.
func.func @cross_attention(%q: tensor<?x20x?x64xf16>, %k: tensor<?x20x1500x64xf16>, %v: tensor<?x20x1500x64xf16>)
    -> tensor<?x20x?x64xf16> {
  %out = attn.attention %q, %k, %v
      heads(#attn.head_grouping<query = 20, kv = 20>)
      : (tensor<?x20x?x64xf16>, tensor<?x20x1500x64xf16>, tensor<?x20x1500x64xf16>) -> tensor<?x20x?x64xf16>
  return %out : tensor<?x20x?x64xf16>
}
