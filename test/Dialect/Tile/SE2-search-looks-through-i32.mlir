// RUN: attn-opt %s -verify-diagnostics

// (SE2) the source is of i32.

func.func @real(%m: memref<?xf32, strided<[?]>>, %i: index) {
  // expected-error @+1 {{'tile.search' op expects a source of i32, got}}
  %x = tile.search %m[] from %i to %i for %i : memref<?xf32, strided<[?]>>
  return
}
