// RUN: attn-opt %s -split-input-file -verify-diagnostics

// (MM3) `beside` has the rows and the element type of `b`, which is not transposed.

func.func @rows(%a: tensor<64x96xf16>, %b: tensor<96x64xf16>, %c: tensor<64x8xf16>) {
  // expected-error @+1 {{'tile.mma' op expects beside an operand that is not transposed a matrix of its 96 rows of 'f16', got 'tensor<64x8xf16>'}}
  %s = tile.mma %a, %b beside %c : tensor<64x96xf16>, tensor<96x64xf16>, tensor<64x8xf16> -> tensor<64x72xf32>
  return
}

// -----

func.func @element_types(%a: tensor<64x96xf16>, %b: tensor<96x64xf16>, %c: tensor<96x8xbf16>) {
  // expected-error @+1 {{of 'f16', got 'tensor<96x8xbf16>'}}
  %s = tile.mma %a, %b beside %c : tensor<64x96xf16>, tensor<96x64xf16>, tensor<96x8xbf16> -> tensor<64x72xf32>
  return
}

// -----

func.func @transposed(%a: tensor<64x64xf16>, %b: tensor<96x64xf16>, %c: tensor<96x8xf16>) {
  // expected-error @+1 {{got 'tensor<96x8xf16>' and transpose_b}}
  %s = tile.mma %a, %b beside %c transpose_b : tensor<64x64xf16>, tensor<96x64xf16>, tensor<96x8xf16> -> tensor<64x104xf32>
  return
}

// -----

func.func @columns(%a: tensor<64x96xf16>, %b: tensor<96x64xf16>, %c: tensor<96x8xf16>) {
  // expected-error @+1 {{expects a result of 64x72, got 'tensor<64x64xf32>'}}
  %s = tile.mma %a, %b beside %c : tensor<64x96xf16>, tensor<96x64xf16>, tensor<96x8xf16> -> tensor<64x64xf32>
  return
}
