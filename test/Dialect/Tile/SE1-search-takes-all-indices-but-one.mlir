// RUN: attn-opt %s -verify-diagnostics

// (SE1) an index for each axis of the source but the last.

func.func @axes(%m: memref<?x?xi32, strided<[?, ?]>>, %i: index) {
  // expected-error @+1 {{'tile.search' op expects 1 leading indices, got 0}}
  %x = tile.search %m[] from %i to %i for %i : memref<?x?xi32, strided<[?, ?]>>
  return
}
