// RUN: attn-opt %s -split-input-file -verify-diagnostics

// (GA2) the result is f32 for sources of f32, f16 and bf16, and i32 for sources of i32.

func.func @real_of_integers(%m: memref<?xi32, strided<[?]>>, %i: tensor<64x96xi32>) {
  // expected-error @+1 {{'tile.gather' op expects a result of f32, or of i32 for a source of i32, got 'tensor<64x96xf32>'}}
  %x = tile.gather %m[%i] : memref<?xi32, strided<[?]>>[tensor<64x96xi32>] -> tensor<64x96xf32>
  return
}

// -----

func.func @wide(%m: memref<?xf64, strided<[?]>>, %i: tensor<64x96xi32>) {
  // expected-error @+1 {{'tile.gather' op expects a result of f32, or of i32 for a source of i32, got 'tensor<64x96xf32>'}}
  %x = tile.gather %m[%i] : memref<?xf64, strided<[?]>>[tensor<64x96xi32>] -> tensor<64x96xf32>
  return
}
