// RUN: attn-opt %s -split-input-file -verify-diagnostics

// (A9) the score region takes f32, four indices and the captured types, and yields f32.

func.func @missing_index(%q: tensor<1x8x4x64xf16>, %k: tensor<1x8x4x64xf16>, %v: tensor<1x8x4x64xf16>) {
  // expected-error @+1 {{'attn.attention' op expects the score region to take ('f32', 'index', 'index', 'index', 'index'), got ('f32', 'index', 'index', 'index')}}
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 8>)
      score {
      ^bb0(%s: f32, %b: index, %h: index, %i: index):
        attn.yield %s : f32
      }
      : (tensor<1x8x4x64xf16>, tensor<1x8x4x64xf16>, tensor<1x8x4x64xf16>) -> tensor<1x8x4x64xf16>
  return
}

// -----

func.func @missing_capture(%q: tensor<1x8x4x64xf16>, %k: tensor<1x8x4x64xf16>, %v: tensor<1x8x4x64xf16>, %c: tensor<8xf32>) {
  // expected-error @+1 {{expects the score region to take ('f32', 'index', 'index', 'index', 'index', 'tensor<8xf32>'), got ('f32', 'index', 'index', 'index', 'index')}}
  %out = attn.attention %q, %k, %v captures(%c) heads(#attn.head_grouping<query = 8, kv = 8>)
      score {
      ^bb0(%s: f32, %b: index, %h: index, %i: index, %j: index):
        attn.yield %s : f32
      }
      : (tensor<1x8x4x64xf16>, tensor<1x8x4x64xf16>, tensor<1x8x4x64xf16>, tensor<8xf32>) -> tensor<1x8x4x64xf16>
  return
}

// -----

func.func @score_type(%q: tensor<1x8x4x64xf16>, %k: tensor<1x8x4x64xf16>, %v: tensor<1x8x4x64xf16>) {
  // expected-error @+1 {{expects the score region to take ('f32', 'index', 'index', 'index', 'index'), got ('f16', 'index', 'index', 'index', 'index')}}
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 8>)
      score {
      ^bb0(%s: f16, %b: index, %h: index, %i: index, %j: index):
        attn.yield %s : f16
      }
      : (tensor<1x8x4x64xf16>, tensor<1x8x4x64xf16>, tensor<1x8x4x64xf16>) -> tensor<1x8x4x64xf16>
  return
}

// -----

func.func @yielded_type(%q: tensor<1x8x4x64xf16>, %k: tensor<1x8x4x64xf16>, %v: tensor<1x8x4x64xf16>) {
  // expected-error @+1 {{expects the score region to yield 'f32', got 'index'}}
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 8>)
      score {
      ^bb0(%s: f32, %b: index, %h: index, %i: index, %j: index):
        attn.yield %i : index
      }
      : (tensor<1x8x4x64xf16>, tensor<1x8x4x64xf16>, tensor<1x8x4x64xf16>) -> tensor<1x8x4x64xf16>
  return
}

// -----

func.func @no_yield(%q: tensor<1x8x4x64xf16>, %k: tensor<1x8x4x64xf16>, %v: tensor<1x8x4x64xf16>) {
  // expected-error @+1 {{expects the score region to end with attn.yield}}
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 8>)
      score {
      ^bb0(%s: f32, %b: index, %h: index, %i: index, %j: index):
        llvm.unreachable
      }
      : (tensor<1x8x4x64xf16>, tensor<1x8x4x64xf16>, tensor<1x8x4x64xf16>) -> tensor<1x8x4x64xf16>
  return
}

// -----

func.func @two_blocks(%q: tensor<1x8x4x64xf16>, %k: tensor<1x8x4x64xf16>, %v: tensor<1x8x4x64xf16>) {
  // expected-error @+1 {{expects the score region to have one block, got 2}}
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 8>)
      score {
      ^bb0(%s: f32, %b: index, %h: index, %i: index, %j: index):
        cf.br ^bb1
      ^bb1:
        attn.yield %s : f32
      }
      : (tensor<1x8x4x64xf16>, tensor<1x8x4x64xf16>, tensor<1x8x4x64xf16>) -> tensor<1x8x4x64xf16>
  return
}
