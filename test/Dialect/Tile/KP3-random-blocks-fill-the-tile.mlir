// RUN: attn-opt %s -verify-diagnostics

// (KP3) the rows of a head and columns are multiples of 16, as `query` and `key` must be.

func.func @columns(%i: index) {
  // expected-error @+1 {{'tile.keep' op expects rows of a head and columns to be multiples of 16, got 'tensor<64x8xi1>'}}
  %x = tile.keep [%i, %i, %i, %i] threshold 5 seed 7 : tensor<64x8xi1>
  return
}

func.func @rows(%i: index) {
  // expected-error @+1 {{'tile.keep' op expects rows of a head and columns to be multiples of 16, got 'tensor<64x32xi1>' of 8 heads}}
  %x = tile.keep [%i, %i, %i, %i] packed 8 threshold 5 seed 7 : tensor<64x32xi1>
  return
}
