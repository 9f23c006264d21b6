// RUN: attn-opt %s -split-input-file -verify-diagnostics

// (EL1) one index for each axis of the source.

func.func @axes(%m: memref<?x?xi32, strided<[?, ?]>>, %i: index) {
  // expected-error @+1 {{'tile.element' op expects 2 indices, got 1}}
  %x = tile.element %m[%i] : memref<?x?xi32, strided<[?, ?]>> -> i32
  return
}
