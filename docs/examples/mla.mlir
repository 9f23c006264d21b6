// Multi-head latent attention of DeepSeek-V3 in prefill: keys of 192 (128 from the latent, 64 rotary) and values of 128,
// without padding either. The scale is the model's own: 1/sqrt(192) times the square of YaRN's 1.3689.
func.func @mla(%q: tensor<?x128x?x192xbf16>, %k: tensor<?x128x?x192xbf16>, %v: tensor<?x128x?x128xbf16>)
    -> tensor<?x128x?x128xbf16> {
  %out = attn.attention %q, %k, %v
      heads(#attn.head_grouping<query = 128, kv = 128>)
      causality(#attn.causality<bottom_right>)
      scale(1.352340e-01)
      : (tensor<?x128x?x192xbf16>, tensor<?x128x?x192xbf16>, tensor<?x128x?x128xbf16>) -> tensor<?x128x?x128xbf16>
  return %out : tensor<?x128x?x128xbf16>
}
