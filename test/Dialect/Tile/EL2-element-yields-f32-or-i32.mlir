// RUN: attn-opt %s -split-input-file -verify-diagnostics

// (EL2) the result is f32 for sources of f32, f16 and bf16, and i32 for sources of i32.

func.func @real_of_integers(%m: memref<?xi32, strided<[?]>>, %i: index) {
  // expected-error @+1 {{'tile.element' op expects a result of f32, or of i32 for a source of i32, got 'f32' for}}
  %x = tile.element %m[%i] : memref<?xi32, strided<[?]>> -> f32
  return
}

// -----

func.func @wide(%m: memref<?xf64, strided<[?]>>, %i: index) {
  // expected-error @+1 {{'tile.element' op expects a result of f32, or of i32 for a source of i32, got 'f32' for}}
  %x = tile.element %m[%i] : memref<?xf64, strided<[?]>> -> f32
  return
}
