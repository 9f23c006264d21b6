// RUN: attn-opt %s -split-input-file -verify-diagnostics

// (LD1) the source has rank 4, the result's columns are its static head_dim, element types agree.

func.func @rank(%m: memref<8x?x64xf16>, %b: index, %h: index, %r: index) {
  // expected-error @+1 {{'tile.load' op expects a source of rank 4 (batch, head, sequence, head_dim), got rank 3}}
  %t = tile.load %m[%b, %h, %r] : memref<8x?x64xf16> -> tensor<32x64xf16>
  return
}

// -----

func.func @columns(%m: memref<?x8x?x64xf16, strided<[?, ?, ?, 1]>>, %b: index, %h: index, %r: index) {
  // expected-error @+1 {{expects a matrix of the source's 64 columns of 'f16', got 'tensor<32x32xf16>'}}
  %t = tile.load %m[%b, %h, %r] : memref<?x8x?x64xf16, strided<[?, ?, ?, 1]>> -> tensor<32x32xf16>
  return
}

// -----

func.func @element_type(%m: memref<?x8x?x64xf16, strided<[?, ?, ?, 1]>>, %b: index, %h: index, %r: index) {
  // expected-error @+1 {{expects a matrix of the source's 64 columns of 'f16', got 'tensor<32x64xbf16>'}}
  %t = tile.load %m[%b, %h, %r] : memref<?x8x?x64xf16, strided<[?, ?, ?, 1]>> -> tensor<32x64xbf16>
  return
}
