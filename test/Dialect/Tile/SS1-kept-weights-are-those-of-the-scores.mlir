// RUN: attn-opt %s -verify-diagnostics

// (SS1) `keep` has the shape of the scores.

func.func @shapes(%s: tensor<64x32xf32>, %v: tensor<32x64xf16>, %o: tensor<64x64xf32>, %m: tensor<64xf32>,
                  %l: !tile.partial<64xf32>, %k: tensor<64x64xi1>) {
  // expected-error @+1 {{'tile.softmax_step' op expects keep to have the shape of the scores, got 'tensor<64x64xi1>'}}
  %a, %b, %c = tile.softmax_step %s, %v, %o, %m, %l keep %k scale 1.0
      : tensor<64x32xf32>, tensor<32x64xf16>, tensor<64x64xf32>, tensor<64xf32>, !tile.partial<64xf32> keep tensor<64x64xi1>
  return
}
