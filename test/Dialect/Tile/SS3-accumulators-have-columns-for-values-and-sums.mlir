// RUN: attn-opt %s -verify-diagnostics

// (SS3) the accumulator has as many columns as the values, or 8 more.

func.func @step(%s: tensor<64x96xf32>, %v: tensor<96x64xf16>, %o: tensor<64x80xf32>, %m: tensor<64xf32>, %l: !tile.partial<64xf32>) {
  // expected-error @+1 {{'tile.softmax_step' op expects an accumulator with the 64 columns of the values, or 8 more for sums, got 'tensor<64x80xf32>'}}
  %r:3 = tile.softmax_step %s, %v, %o, %m, %l scale 1.0 : tensor<64x96xf32>, tensor<96x64xf16>, tensor<64x80xf32>, tensor<64xf32>, !tile.partial<64xf32>
  return
}
