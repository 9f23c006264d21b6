// RUN: attn-opt %s -verify-diagnostics

// (IX1) `clear` is a power of two.

func.func @bits(%i: index) {
  // expected-error @+1 {{'tile.indices' op expects to clear one bit, a power of two, got 12}}
  %x = tile.indices column %i clear 12 : tensor<64x96xi32>
  return
}
