// RUN: attn-opt %s -split-input-file -verify-diagnostics

// (MM2) the result is f32, and the accumulator has its type.

func.func @result(%a: tensor<32x64xf16>, %b: tensor<48x64xf16>) {
  // expected-error @+1 {{result #0 must be ranked tensor of 32-bit float values, but got 'tensor<32x48xf16>'}}
  %s = tile.mma %a, %b transpose_b : tensor<32x64xf16>, tensor<48x64xf16> -> tensor<32x48xf16>
  return
}

// -----

func.func @accumulator(%a: tensor<32x64xf16>, %b: tensor<48x64xf16>, %c: tensor<32x32xf32>) {
  // expected-error @+1 {{'tile.mma' op expects an accumulator of type 'tensor<32x48xf32>', got 'tensor<32x32xf32>'}}
  %s = "tile.mma"(%a, %b, %c) <{operandSegmentSizes = array<i32: 1, 1, 1, 0>, transpose_b}> : (tensor<32x64xf16>, tensor<48x64xf16>, tensor<32x32xf32>) -> tensor<32x48xf32>
  return
}
