// RUN: attn-opt %s -split-input-file -verify-diagnostics

// Asynchronous products yield a !tile.pending, and only that can be awaited.

func.func @issued(%a: !tile.shared<64x64xf16>, %b: !tile.shared<48x64xf16>) {
  // expected-error @+1 {{expects a !tile.pending type, got 'tensor<64x48xf32>'}}
  %s = tile.issue_mma %a, %b transpose_b : !tile.shared<64x64xf16>, !tile.shared<48x64xf16> -> tensor<64x48xf32>
  return
}

// -----

func.func @awaited(%s: tensor<64x48xf32>) {
  // expected-error @+1 {{expects a !tile.pending type, got 'tensor<64x48xf32>'}}
  %r = tile.await %s : tensor<64x48xf32>
  return
}
