// RUN: attn-opt %s -split-input-file -verify-diagnostics

// (CV1) only the layout differs.

func.func @shape(%t: tensor<64x96xbf16, #tile.layout<accumulator, warpgroups = 1>>) {
  // expected-error @+1 {{'tile.convert_layout' op expects only the layout to differ}}
  %r = tile.convert_layout %t : tensor<64x96xbf16, #tile.layout<accumulator, warpgroups = 1>> -> tensor<64x48xbf16, #tile.layout<operand, warpgroups = 1>>
  return
}

// -----

func.func @element_type(%t: tensor<64x96xbf16, #tile.layout<accumulator, warpgroups = 1>>) {
  // expected-error @+1 {{expects only the layout to differ}}
  %r = tile.convert_layout %t : tensor<64x96xbf16, #tile.layout<accumulator, warpgroups = 1>> -> tensor<64x96xf16, #tile.layout<operand, warpgroups = 1>>
  return
}
