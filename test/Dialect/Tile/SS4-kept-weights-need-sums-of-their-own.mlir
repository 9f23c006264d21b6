// RUN: attn-opt %s -verify-diagnostics

// (SS4) with keep the accumulator has as many columns as the values: the product would leave out of the sums what dropout leaves out of
// the output.

func.func @step(%s: tensor<64x96xf32>, %v: tensor<96x64xf16>, %o: tensor<64x72xf32>, %m: tensor<64xf32>, %l: !tile.partial<64xf32>,
                %keep: tensor<64x96xi1>) {
  // expected-error @+1 {{expects no keep where the accumulator has columns of sums: the sums are of all weights}}
  %r:3 = tile.softmax_step %s, %v, %o, %m, %l keep %keep scale 1.0
      : tensor<64x96xf32>, tensor<96x64xf16>, tensor<64x72xf32>, tensor<64xf32>, !tile.partial<64xf32> keep tensor<64x96xi1>
  return
}
