// RUN: attn-opt %s -split-input-file -verify-diagnostics

// (KP1) `threshold` is from 0 to 2^32.

func.func @below(%i: index) {
  // expected-error @+1 {{'tile.keep' op expects a threshold from 0 to 2^32, got -1}}
  %x = tile.keep [%i, %i, %i, %i] threshold -1 seed 7 : tensor<64x96xi1>
  return
}

// -----

func.func @above(%i: index) {
  // expected-error @+1 {{'tile.keep' op expects a threshold from 0 to 2^32, got 4294967297}}
  %x = tile.keep [%i, %i, %i, %i] threshold 4294967297 seed 7 : tensor<64x96xi1>
  return
}
