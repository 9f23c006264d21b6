// RUN: attn-opt %s -split-input-file -verify-diagnostics

// (CV2) the conversion is one of the known ones: accumulator to operand for 16-bit elements, which moves nothing.

func.func @back(%t: tensor<64x96xbf16, #tile.layout<operand, warpgroups = 1>>) {
  // expected-error @+1 {{'tile.convert_layout' op expects a conversion from accumulator to operand of a 16-bit tile}}
  %r = tile.convert_layout %t : tensor<64x96xbf16, #tile.layout<operand, warpgroups = 1>> -> tensor<64x96xbf16, #tile.layout<accumulator, warpgroups = 1>>
  return
}

// -----

func.func @wide_elements(%t: tensor<64x96xf32, #tile.layout<accumulator, warpgroups = 1>>) {
  // expected-error @+1 {{expects a conversion from accumulator to operand of a 16-bit tile}}
  %r = tile.convert_layout %t : tensor<64x96xf32, #tile.layout<accumulator, warpgroups = 1>> -> tensor<64x96xf32, #tile.layout<operand, warpgroups = 1>>
  return
}

// -----

func.func @no_layout(%t: tensor<64x96xbf16>) {
  // expected-error @+1 {{expects a conversion from accumulator to operand of a 16-bit tile}}
  %r = tile.convert_layout %t : tensor<64x96xbf16> -> tensor<64x96xbf16, #tile.layout<operand, warpgroups = 1>>
  return
}

// -----

func.func @other_warpgroups(%t: tensor<64x96xbf16, #tile.layout<accumulator, warpgroups = 1>>) {
  // expected-error @+1 {{expects a conversion from accumulator to operand of a 16-bit tile}}
  %r = tile.convert_layout %t : tensor<64x96xbf16, #tile.layout<accumulator, warpgroups = 1>> -> tensor<64x96xbf16, #tile.layout<operand, warpgroups = 2>>
  return
}
