// RUN: attn-opt %s -split-input-file -verify-diagnostics

// (ST2) a stage is for a matrix, of its rows, columns and 16-bit elements.

func.func @rows(%t: tensor<64xf32>, %m: memref<?x8x?xf32, strided<[?, ?, ?]>>, %b: index, %h: index, %r: index, %s: !tile.shared<64x64xf16>) {
  // expected-error @+1 {{'tile.store' op expects a stage for a matrix, of its rows, columns and 16-bit elements, got '!tile.shared<64x64xf16>' for 'tensor<64xf32>'}}
  tile.store %t, %m[%b, %h, %r] through %s : tensor<64xf32>, memref<?x8x?xf32, strided<[?, ?, ?]>>, !tile.shared<64x64xf16>
  return
}

// -----

func.func @fewer_rows(%t: tensor<128x64xf16>, %m: memref<?x8x?x64xf16, strided<[?, ?, ?, 1]>>, %b: index, %h: index, %r: index, %s: !tile.shared<64x64xf16>) {
  // expected-error @+1 {{got '!tile.shared<64x64xf16>' for 'tensor<128x64xf16>'}}
  tile.store %t, %m[%b, %h, %r] through %s : tensor<128x64xf16>, memref<?x8x?x64xf16, strided<[?, ?, ?, 1]>>, !tile.shared<64x64xf16>
  return
}

// -----

func.func @other_columns(%t: tensor<64x64xf16>, %m: memref<?x8x?x64xf16, strided<[?, ?, ?, 1]>>, %b: index, %h: index, %r: index, %s: !tile.shared<64x128xf16>) {
  // expected-error @+1 {{got '!tile.shared<64x128xf16>' for 'tensor<64x64xf16>'}}
  tile.store %t, %m[%b, %h, %r] through %s : tensor<64x64xf16>, memref<?x8x?x64xf16, strided<[?, ?, ?, 1]>>, !tile.shared<64x128xf16>
  return
}

// -----

func.func @other_elements(%t: tensor<64x64xf16>, %m: memref<?x8x?x64xf16, strided<[?, ?, ?, 1]>>, %b: index, %h: index, %r: index, %s: !tile.shared<64x64xbf16>) {
  // expected-error @+1 {{got '!tile.shared<64x64xbf16>' for 'tensor<64x64xf16>'}}
  tile.store %t, %m[%b, %h, %r] through %s : tensor<64x64xf16>, memref<?x8x?x64xf16, strided<[?, ?, ?, 1]>>, !tile.shared<64x64xbf16>
  return
}

// -----

func.func @wide_elements(%t: tensor<64x64xf32>, %m: memref<?x8x?x64xf32, strided<[?, ?, ?, 1]>>, %b: index, %h: index, %r: index, %s: !tile.shared<64x64xf32>) {
  // expected-error @+1 {{got '!tile.shared<64x64xf32>' for 'tensor<64x64xf32>'}}
  tile.store %t, %m[%b, %h, %r] through %s : tensor<64x64xf32>, memref<?x8x?x64xf32, strided<[?, ?, ?, 1]>>, !tile.shared<64x64xf32>
  return
}
