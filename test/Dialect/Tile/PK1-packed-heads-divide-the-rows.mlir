// RUN: attn-opt %s --split-input-file --verify-diagnostics

// (PK1) `packed` is at least 1, and divides the rows.

!in = memref<?x8x?x64xbf16, strided<[?, ?, ?, 1]>>

func.func @load(%q: !in, %i: index) {
  // expected-error @+1 {{'tile.load' op expects packed to divide the 64 rows of its tile, got 3}}
  %t = tile.load %q[%i, %i, %i] packed 3 : !in -> tensor<64x64xbf16>
  return
}

// -----

func.func @store(%o: memref<?x8x?xf32, strided<[?, ?, ?]>>, %t: tensor<64xf32>, %i: index) {
  // expected-error @+1 {{'tile.store' op expects packed to divide the 64 rows of its tile, got 0}}
  tile.store %t, %o[%i, %i, %i] packed 0 : tensor<64xf32>, memref<?x8x?xf32, strided<[?, ?, ?]>>
  return
}

// -----

func.func @mask(%s: tensor<64x32xf32>, %i: index) {
  // expected-error @+1 {{'tile.band_mask' op expects packed to divide the 64 rows of its tile, got 128}}
  %m = tile.band_mask %s at[%i, %i] keys %i diagonal %i packed 128 : tensor<64x32xf32>
  return
}

// -----

func.func @indices(%i: index) {
  // expected-error @+1 {{'tile.indices' op expects packed to divide the 64 rows of its tile, got 5}}
  %m = tile.indices head %i packed 5 : tensor<64x32xi32>
  return
}

// -----

!in = memref<?x8x?x64xbf16, strided<[?, ?, ?, 1]>>

func.func @copy(%q: !in, %ring: !tile.ring<1, 64x64xbf16>, %full: !tile.barriers<1>, %i: index) {
  // expected-error @+1 {{'tile.copy' op expects packed to divide the 64 rows of its tile, got 7}}
  tile.copy %q[%i, %i, %i] to %ring[%i] signal %full[%i] packed 7 : !in, !tile.ring<1, 64x64xbf16>, !tile.barriers<1>
  return
}
