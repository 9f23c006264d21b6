// RUN: attn-opt %s -split-input-file -verify-diagnostics

// (A12) regions have no side effects.

func.func private @count(index) -> i1

func.func @call(%q: tensor<1x8x4x64xf16>, %k: tensor<1x8x4x64xf16>, %v: tensor<1x8x4x64xf16>) {
  // expected-error @+1 {{'attn.attention' op expects the mask region to have no side effects, got func.call}}
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 8>)
      mask {
      ^bb0(%b: index, %h: index, %i: index, %j: index):
        // expected-note @+1 {{capture a tensor and read it with tensor.extract}}
        %a = func.call @count(%j) : (index) -> i1
        attn.yield %a : i1
      }
      : (tensor<1x8x4x64xf16>, tensor<1x8x4x64xf16>, tensor<1x8x4x64xf16>) -> tensor<1x8x4x64xf16>
  return
}

// -----

func.func @memory(%q: tensor<1x8x4x64xf16>, %k: tensor<1x8x4x64xf16>, %v: tensor<1x8x4x64xf16>) {
  // expected-error @+1 {{'attn.attention' op expects the score region to have no side effects, got memref.alloca}}
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 8>)
      score {
      ^bb0(%s: f32, %b: index, %h: index, %i: index, %j: index):
        // expected-note @+1 {{capture a tensor}}
        %m = memref.alloca() : memref<8xf32>
        %a = memref.load %m[%h] : memref<8xf32>
        attn.yield %a : f32
      }
      : (tensor<1x8x4x64xf16>, tensor<1x8x4x64xf16>, tensor<1x8x4x64xf16>) -> tensor<1x8x4x64xf16>
  return
}

// -----

func.func @assertion(%q: tensor<1x8x4x64xf16>, %k: tensor<1x8x4x64xf16>, %v: tensor<1x8x4x64xf16>) {
  // expected-error @+1 {{expects the mask region to have no side effects, got cf.assert}}
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 8>)
      mask {
      ^bb0(%b: index, %h: index, %i: index, %j: index):
        %a = arith.cmpi sle, %j, %i : index
        // expected-note @+1 {{capture a tensor}}
        cf.assert %a, "not causal"
        attn.yield %a : i1
      }
      : (tensor<1x8x4x64xf16>, tensor<1x8x4x64xf16>, tensor<1x8x4x64xf16>) -> tensor<1x8x4x64xf16>
  return
}

// -----

// Inside of another operation too.
func.func @nested(%q: tensor<1x8x4x64xf16>, %k: tensor<1x8x4x64xf16>, %v: tensor<1x8x4x64xf16>) {
  // expected-error @+1 {{expects the mask region to have no side effects, got vector.print}}
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 8>)
      mask {
      ^bb0(%b: index, %h: index, %i: index, %j: index):
        %a = arith.cmpi sle, %j, %i : index
        scf.if %a {
          // expected-note @+1 {{capture a tensor}}
          vector.print %j : index
        }
        attn.yield %a : i1
      }
      : (tensor<1x8x4x64xf16>, tensor<1x8x4x64xf16>, tensor<1x8x4x64xf16>) -> tensor<1x8x4x64xf16>
  return
}
