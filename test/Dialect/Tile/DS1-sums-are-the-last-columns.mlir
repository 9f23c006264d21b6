// RUN: attn-opt %s -split-input-file -verify-diagnostics

// (DS1) the tile has 8 columns more than `leading`, and as many rows as both.

func.func @columns(%acc: tensor<64x80xf32>) {
  // expected-error @+1 {{'tile.detach_sums' op expects a tile of 8 columns more than the leading ones and of the rows of both results, got 'tensor<64x80xf32>' for 'tensor<64x64xf32>' and 'tensor<64xf32>'}}
  %o, %l = tile.detach_sums %acc : tensor<64x80xf32> -> tensor<64x64xf32>, tensor<64xf32>
  return
}

// -----

func.func @rows(%acc: tensor<64x72xf32>) {
  // expected-error @+1 {{and 'tensor<128xf32>'}}
  %o, %l = tile.detach_sums %acc : tensor<64x72xf32> -> tensor<64x64xf32>, tensor<128xf32>
  return
}
