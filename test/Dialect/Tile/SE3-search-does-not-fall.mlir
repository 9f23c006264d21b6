// RUN: attn-opt %s -split-input-file -verify-diagnostics

// (SE3) `divide` is at least 1 and `step` at least 0.

func.func @divide(%m: memref<?xi32, strided<[?]>>, %i: index) {
  // expected-error @+1 {{'tile.search' op expects to divide by at least 1 and to step by at least 0, got 0 and 0}}
  %x = tile.search %m[] from %i to %i for %i divide 0 : memref<?xi32, strided<[?]>>
  return
}

// -----

func.func @step(%m: memref<?xi32, strided<[?]>>, %i: index) {
  // expected-error @+1 {{'tile.search' op expects to divide by at least 1 and to step by at least 0, got 1 and -1}}
  %x = tile.search %m[] from %i to %i for %i step -1 : memref<?xi32, strided<[?]>>
  return
}
