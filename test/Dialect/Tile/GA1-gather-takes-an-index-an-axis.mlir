// RUN: attn-opt %s -split-input-file -verify-diagnostics

// (GA1) one i32 tile for each axis of the source, all of the result's shape.

func.func @axes(%m: memref<?x?xf32, strided<[?, ?]>>, %i: tensor<64x96xi32>) {
  // expected-error @+1 {{'tile.gather' op expects 2 index tiles, got 1}}
  %x = tile.gather %m[%i] : memref<?x?xf32, strided<[?, ?]>>[tensor<64x96xi32>] -> tensor<64x96xf32>
  return
}

// -----

func.func @shapes(%m: memref<?xf32, strided<[?]>>, %i: tensor<64x64xi32>) {
  // expected-error @+1 {{'tile.gather' op expects index tiles of the result's shape, got 'tensor<64x64xi32>' for 'tensor<64x96xf32>'}}
  %x = tile.gather %m[%i] : memref<?xf32, strided<[?]>>[tensor<64x64xi32>] -> tensor<64x96xf32>
  return
}
