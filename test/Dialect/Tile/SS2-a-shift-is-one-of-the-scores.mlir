// RUN: attn-opt %s -verify-diagnostics

// (SS2) `shift` has the type of the scores.

func.func @types(%s: tensor<64x32xf32>, %v: tensor<32x64xf16>, %o: tensor<64x64xf32>, %m: tensor<64xf32>,
                 %l: !tile.partial<64xf32>) {
  // expected-error @+1 {{'tile.softmax_step' op expects a shift of the type of the scores, got 'tensor<64xf32>'}}
  %a, %b, %c = tile.softmax_step %s, %v, %o, %m, %l shift %m scale 1.0
      : tensor<64x32xf32>, tensor<32x64xf16>, tensor<64x64xf32>, tensor<64xf32>, !tile.partial<64xf32> shift tensor<64xf32>
  return
}
