// RUN: attn-opt %s -split-input-file -verify-diagnostics

// (KP2) one of `seed` and `seed_from` is given.

func.func @none(%i: index) {
  // expected-error @+1 {{'tile.keep' op expects one of seed and seed_from}}
  %x = tile.keep [%i, %i, %i, %i] threshold 5 : tensor<64x96xi1>
  return
}

// -----

func.func @both(%i: index, %s: memref<?xi32, strided<[?]>>) {
  // expected-error @+1 {{'tile.keep' op expects one of seed and seed_from}}
  %x = tile.keep [%i, %i, %i, %i] threshold 5 seed 7 seed_from %s : memref<?xi32, strided<[?]>> -> tensor<64x96xi1>
  return
}
