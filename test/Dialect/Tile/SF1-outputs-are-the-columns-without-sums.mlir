// RUN: attn-opt %s -split-input-file -verify-diagnostics

// (SF1) the accumulator has as many columns as the output, or 8 more.

func.func @finish(%o: tensor<64x56xf32>, %m: tensor<64xf32>, %l: !tile.partial<64xf32>) {
  // expected-error @+1 {{'tile.softmax_finish' op expects an accumulator with the 64 columns of the output, or 8 more for sums, got 'tensor<64x56xf32>'}}
  %r:2 = tile.softmax_finish %o, %m, %l scale 1.0 : tensor<64x56xf32>, tensor<64xf32>, !tile.partial<64xf32> -> tensor<64x64xf16>, tensor<64xf32>
  return
}

// -----

func.func @rows(%o: tensor<64xf32>, %m: tensor<64xf32>, %l: !tile.partial<64xf32>) {
  // expected-error @+1 {{or 8 more for sums, got 'tensor<64xf32>'}}
  %r:2 = tile.softmax_finish %o, %m, %l scale 1.0 : tensor<64xf32>, tensor<64xf32>, !tile.partial<64xf32> -> tensor<64x64xf16>, tensor<64xf32>
  return
}
