// RUN: attn-opt %s -verify-diagnostics

// (RC1) elements are f16 or bf16.

func.func @single(%p: tensor<64x96xf32>) {
  // expected-error @+1 {{'tile.row_ceiling' op expects elements of f16 or bf16, got 'f32'}}
  %c = tile.row_ceiling %p : tensor<64x96xf32> -> !tile.partial<64xf32>
  return
}
