// RUN: attn-opt %s -split-input-file -verify-diagnostics

// (A10) the mask region takes four indices and the captured types, and yields i1.

func.func @takes_a_score(%q: tensor<1x8x4x64xf16>, %k: tensor<1x8x4x64xf16>, %v: tensor<1x8x4x64xf16>) {
  // expected-error @+1 {{'attn.attention' op expects the mask region to take ('index', 'index', 'index', 'index'), got ('f32', 'index', 'index', 'index', 'index')}}
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 8>)
      mask {
      ^bb0(%s: f32, %b: index, %h: index, %i: index, %j: index):
        %a = arith.cmpi sle, %j, %i : index
        attn.yield %a : i1
      }
      : (tensor<1x8x4x64xf16>, tensor<1x8x4x64xf16>, tensor<1x8x4x64xf16>) -> tensor<1x8x4x64xf16>
  return
}

// -----

func.func @yielded_type(%q: tensor<1x8x4x64xf16>, %k: tensor<1x8x4x64xf16>, %v: tensor<1x8x4x64xf16>) {
  // expected-error @+1 {{expects the mask region to yield 'i1', got 'index'}}
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 8>)
      mask {
      ^bb0(%b: index, %h: index, %i: index, %j: index):
        attn.yield %i : index
      }
      : (tensor<1x8x4x64xf16>, tensor<1x8x4x64xf16>, tensor<1x8x4x64xf16>) -> tensor<1x8x4x64xf16>
  return
}

// -----

// A mask over a buffer that is not captured.
func.func @missing_buffer(%q: tensor<1x8x4x64xf16>, %k: tensor<1x8x4x64xf16>, %v: tensor<1x8x4x64xf16>) {
  // expected-error @+1 {{expects the mask region to take ('index', 'index', 'index', 'index'), got ('index', 'index', 'index', 'index', 'tensor<?xi32>')}}
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 8>)
      mask {
      ^bb0(%b: index, %h: index, %i: index, %j: index, %ids: tensor<?xi32>):
        %zero = arith.constant 0 : i32
        %id = tensor.extract %ids[%j] : tensor<?xi32>
        %a = arith.cmpi ne, %id, %zero : i32
        attn.yield %a : i1
      }
      : (tensor<1x8x4x64xf16>, tensor<1x8x4x64xf16>, tensor<1x8x4x64xf16>) -> tensor<1x8x4x64xf16>
  return
}

// -----

// One that is captured and not taken.
func.func @untaken_buffer(%q: tensor<1x8x4x64xf16>, %k: tensor<1x8x4x64xf16>, %v: tensor<1x8x4x64xf16>, %ids: tensor<?xi32>) {
  // expected-error @+1 {{expects the mask region to take ('index', 'index', 'index', 'index', 'tensor<?xi32>'), got ('index', 'index', 'index', 'index')}}
  %out = attn.attention %q, %k, %v captures(%ids) heads(#attn.head_grouping<query = 8, kv = 8>)
      mask {
      ^bb0(%b: index, %h: index, %i: index, %j: index):
        %a = arith.cmpi sle, %j, %i : index
        attn.yield %a : i1
      }
      : (tensor<1x8x4x64xf16>, tensor<1x8x4x64xf16>, tensor<1x8x4x64xf16>, tensor<?xi32>) -> tensor<1x8x4x64xf16>
  return
}

// -----

// One that is used without being captured.
func.func @outer_buffer(%q: tensor<1x8x4x64xf16>, %k: tensor<1x8x4x64xf16>, %v: tensor<1x8x4x64xf16>, %ids: tensor<?xi32>) {
  // expected-note @+1 {{required by region isolation constraints}}
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 8>)
      mask {
      ^bb0(%b: index, %h: index, %i: index, %j: index):
        %zero = arith.constant 0 : i32
        // expected-error @+1 {{using value defined outside the region}}
        %id = tensor.extract %ids[%j] : tensor<?xi32>
        %a = arith.cmpi ne, %id, %zero : i32
        attn.yield %a : i1
      }
      : (tensor<1x8x4x64xf16>, tensor<1x8x4x64xf16>, tensor<1x8x4x64xf16>) -> tensor<1x8x4x64xf16>
  return
}
