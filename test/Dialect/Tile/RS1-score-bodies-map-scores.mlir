// RUN: attn-opt %s -split-input-file -verify-diagnostics

// (RS1) the body takes f32, four indices and the captured types, and yields f32.

func.func @arguments(%s: tensor<64x64xf32>, %i: index) {
  // expected-error @+1 {{'tile.region_score' op expects a body that takes ('f32', 'index', 'index', 'index', 'index'), got ('index', 'index', 'index', 'index')}}
  %x = tile.region_score %s[%i, %i, %i, %i] {
  ^bb0(%b: index, %h: index, %q: index, %k: index):
    %one = arith.constant 1.0 : f32
    tile.yield %one : f32
  } : tensor<64x64xf32>
  return
}

// -----

func.func @result(%s: tensor<64x64xf32>, %i: index) {
  // expected-error @+1 {{'tile.region_score' op expects a body that yields 'f32', got 'index'}}
  %x = tile.region_score %s[%i, %i, %i, %i] {
  ^bb0(%score: f32, %b: index, %h: index, %q: index, %k: index):
    tile.yield %b : index
  } : tensor<64x64xf32>
  return
}
