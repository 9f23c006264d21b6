// RUN: attn-opt %s -split-input-file -verify-diagnostics

// (EX1) two indices for each axis of the source.

func.func @first(%m: memref<?x?xi32, strided<[?, ?]>>, %i: index) {
  // expected-error @+1 {{'tile.extremes' op expects 2 first and last indices, got 1 and 2}}
  %x, %y = tile.extremes %m[%i] to [%i, %i] : memref<?x?xi32, strided<[?, ?]>>
  return
}
