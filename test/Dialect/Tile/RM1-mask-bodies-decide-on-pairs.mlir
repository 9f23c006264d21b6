// RUN: attn-opt %s -split-input-file -verify-diagnostics

// (RM1) the body takes four indices and the captured types, and yields i1.

func.func @captures(%s: tensor<64x64xf32>, %i: index, %ids: memref<?xi32>) {
  // expected-error @+1 {{'tile.region_mask' op expects a body that takes ('index', 'index', 'index', 'index', 'memref<?xi32>'), got ('index', 'index', 'index', 'index')}}
  %x = tile.region_mask %s[%i, %i, %i, %i] captures(%ids : memref<?xi32>) {
  ^bb0(%b: index, %h: index, %q: index, %k: index):
    %yes = arith.constant true
    tile.yield %yes : i1
  } : tensor<64x64xf32>
  return
}

// -----

func.func @result(%s: tensor<64x64xf32>, %i: index) {
  // expected-error @+1 {{'tile.region_mask' op expects a body that yields 'i1', got 'none'}}
  %x = tile.region_mask %s[%i, %i, %i, %i] {
  ^bb0(%b: index, %h: index, %q: index, %k: index):
    tile.yield
  } : tensor<64x64xf32>
  return
}
