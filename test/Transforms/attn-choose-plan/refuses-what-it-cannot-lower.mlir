// RUN: attn-opt %s --pass-pipeline='builtin.module(func.func(attn-choose-plan{target=sm_90a}))' -split-input-file -verify-diagnostics

func.func @shared_operand(%q: tensor<1x8x4x64xf16>) -> tensor<1x8x4x64xf16> {
  // expected-error @+1 {{expects its operands to be the kernel function's arguments, in order}}
  %out = attn.attention %q, %q, %q heads(#attn.head_grouping<query = 8, kv = 8>)
      : (tensor<1x8x4x64xf16>, tensor<1x8x4x64xf16>, tensor<1x8x4x64xf16>) -> tensor<1x8x4x64xf16>
  return %out : tensor<1x8x4x64xf16>
}

// -----

func.func @score(%q: tensor<1x8x4x64xf16>, %k: tensor<1x8x4x64xf16>, %v: tensor<1x8x4x64xf16>) -> tensor<1x8x4x64xf16> {
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 8>)
      score {
      ^bb0(%s: f32, %b: index, %h: index, %i: index, %j: index):
        // expected-error @+1 {{is not lowered in a score or mask region: expects arith or one of math.exp, exp2, log, log2, tanh, absf, absi, sqrt, rsqrt and fma, or tensor.extract of a captured value}}
        %t = math.sin %s : f32
        attn.yield %t : f32
      } : (tensor<1x8x4x64xf16>, tensor<1x8x4x64xf16>, tensor<1x8x4x64xf16>) -> tensor<1x8x4x64xf16>
  return %out : tensor<1x8x4x64xf16>
}

// -----

func.func @mask(%q: tensor<1x8x4x64xf16>, %k: tensor<1x8x4x64xf16>, %v: tensor<1x8x4x64xf16>) -> tensor<1x8x4x64xf16> {
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 8>)
      mask {
      ^bb0(%b: index, %h: index, %i: index, %j: index):
        // expected-error @+1 {{is not lowered in a score or mask region with 'i64': expects f32, i32, i1 or index; extend loaded values with arith.extf}}
        %wide = arith.index_cast %i : index to i64
        %zero = arith.constant 0 : i64
        %allowed = arith.cmpi sle, %wide, %zero : i64
        attn.yield %allowed : i1
      } : (tensor<1x8x4x64xf16>, tensor<1x8x4x64xf16>, tensor<1x8x4x64xf16>) -> tensor<1x8x4x64xf16>
  return %out : tensor<1x8x4x64xf16>
}

// -----

func.func @captured(%q: tensor<1x8x4x64xf16>, %k: tensor<1x8x4x64xf16>, %v: tensor<1x8x4x64xf16>, %ids: tensor<4xi8>) -> tensor<1x8x4x64xf16> {
  // expected-error @+1 {{is not lowered with captured value 0 of 'tensor<4xi8>': expects a tensor of rank 1 to 4 of f32, f16, bf16 or i32}}
  %out = attn.attention %q, %k, %v captures(%ids) heads(#attn.head_grouping<query = 8, kv = 8>)
      : (tensor<1x8x4x64xf16>, tensor<1x8x4x64xf16>, tensor<1x8x4x64xf16>, tensor<4xi8>) -> tensor<1x8x4x64xf16>
  return %out : tensor<1x8x4x64xf16>
}

// -----

func.func @captured_number(%q: tensor<1x8x4x64xf16>, %k: tensor<1x8x4x64xf16>, %v: tensor<1x8x4x64xf16>, %n: index) -> tensor<1x8x4x64xf16> {
  // expected-error @+1 {{is not lowered with captured value 0 of 'index': expects a tensor of rank 1 to 4 of f32, f16, bf16 or i32}}
  %out = attn.attention %q, %k, %v captures(%n) heads(#attn.head_grouping<query = 8, kv = 8>)
      : (tensor<1x8x4x64xf16>, tensor<1x8x4x64xf16>, tensor<1x8x4x64xf16>, index) -> tensor<1x8x4x64xf16>
  return %out : tensor<1x8x4x64xf16>
}

// -----

func.func @f32(%q: tensor<1x8x4x64xf32>, %k: tensor<1x8x4x64xf32>, %v: tensor<1x8x4x64xf32>) -> tensor<1x8x4x64xf32> {
  // expected-error @+1 {{is not lowered yet with f32 on a GPU: use f16 or bf16, or target = cpu}}
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 8>)
      : (tensor<1x8x4x64xf32>, tensor<1x8x4x64xf32>, tensor<1x8x4x64xf32>) -> tensor<1x8x4x64xf32>
  return %out : tensor<1x8x4x64xf32>
}

// -----

// expected-error @+1 {{expects an attn.attention in the kernel function}}
func.func @nothing() {
  return
}
