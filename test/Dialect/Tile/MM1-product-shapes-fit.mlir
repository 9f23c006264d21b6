// RUN: attn-opt %s -split-input-file -verify-diagnostics

// (MM1) the shapes fit and the element types of `a` and `b` agree.

func.func @inner(%a: tensor<32x64xf16>, %b: tensor<48x32xf16>) {
  // expected-error @+1 {{'tile.mma' op expects the inner extents to agree, got 64 and 32}}
  %s = tile.mma %a, %b transpose_b : tensor<32x64xf16>, tensor<48x32xf16> -> tensor<32x48xf32>
  return
}

// -----

func.func @inner_plain(%a: tensor<32x64xf16>, %b: tensor<48x32xf16>) {
  // expected-error @+1 {{expects the inner extents to agree, got 64 and 48}}
  %s = tile.mma %a, %b : tensor<32x64xf16>, tensor<48x32xf16> -> tensor<32x32xf32>
  return
}

// -----

func.func @result(%a: tensor<32x64xf16>, %b: tensor<48x64xf16>) {
  // expected-error @+1 {{expects a result of 32x48, got 'tensor<32x64xf32>'}}
  %s = tile.mma %a, %b transpose_b : tensor<32x64xf16>, tensor<48x64xf16> -> tensor<32x64xf32>
  return
}

// -----

func.func @element_types(%a: tensor<32x64xf16>, %b: tensor<48x64xbf16>) {
  // expected-error @+1 {{expects operands of one element type, got 'f16' and 'bf16'}}
  %s = tile.mma %a, %b transpose_b : tensor<32x64xf16>, tensor<48x64xbf16> -> tensor<32x48xf32>
  return
}

// -----

func.func @vectors(%a: tensor<64xf16>, %b: tensor<48x64xf16>) {
  // expected-error @+1 {{expects static matrices}}
  %s = tile.mma %a, %b transpose_b : tensor<64xf16>, tensor<48x64xf16> -> tensor<32x48xf32>
  return
}

// -----

func.func @issued(%a: !tile.shared<64x64xf16>, %b: !tile.shared<48x32xf16>) {
  // expected-error @+1 {{'tile.issue_mma' op expects the inner extents to agree, got 64 and 32}}
  %s = tile.issue_mma %a, %b transpose_b : !tile.shared<64x64xf16>, !tile.shared<48x32xf16> -> !tile.pending<tensor<64x48xf32>>
  return
}
