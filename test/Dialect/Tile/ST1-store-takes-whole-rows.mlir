// RUN: attn-opt %s -split-input-file -verify-diagnostics

// (ST1) a matrix goes to a rank-4 tensor of as many columns, a vector of rows to a rank-3 one; element types agree.

func.func @columns(%t: tensor<32x32xf16>, %m: memref<?x8x?x64xf16, strided<[?, ?, ?, 1]>>, %b: index, %h: index, %r: index) {
  // expected-error @+1 {{'tile.store' op expects a matrix for a rank-4 target of as many columns, or rows for a rank-3 target, got 'tensor<32x32xf16>' for 'memref<?x8x?x64xf16, strided<[?, ?, ?, 1]>>'}}
  tile.store %t, %m[%b, %h, %r] : tensor<32x32xf16>, memref<?x8x?x64xf16, strided<[?, ?, ?, 1]>>
  return
}

// -----

func.func @rows_for_a_matrix(%t: tensor<32xf16>, %m: memref<?x8x?x64xf16, strided<[?, ?, ?, 1]>>, %b: index, %h: index, %r: index) {
  // expected-error @+1 {{expects a matrix for a rank-4 target of as many columns, or rows for a rank-3 target, got 'tensor<32xf16>'}}
  tile.store %t, %m[%b, %h, %r] : tensor<32xf16>, memref<?x8x?x64xf16, strided<[?, ?, ?, 1]>>
  return
}

// -----

func.func @element_type(%t: tensor<32x64xf32>, %m: memref<?x8x?x64xf16, strided<[?, ?, ?, 1]>>, %b: index, %h: index, %r: index) {
  // expected-error @+1 {{expects the tile's element type to be the target's 'f16', got 'f32'}}
  tile.store %t, %m[%b, %h, %r] : tensor<32x64xf32>, memref<?x8x?x64xf16, strided<[?, ?, ?, 1]>>
  return
}
