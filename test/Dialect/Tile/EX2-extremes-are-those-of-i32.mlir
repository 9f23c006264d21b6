// RUN: attn-opt %s -split-input-file -verify-diagnostics

// (EX2) the source is of i32.

func.func @real(%m: memref<?xf32, strided<[?]>>, %i: index) {
  // expected-error @+1 {{'tile.extremes' op expects a source of i32, got 'memref<?xf32, strided<[?]>>'}}
  %x, %y = tile.extremes %m[%i] to [%i] : memref<?xf32, strided<[?]>>
  return
}
