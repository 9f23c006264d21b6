// RUN: attn-opt %s | attn-opt | FileCheck %s

// Every clause of attn.attention survives printing and parsing; what was not written is not printed.

// CHECK-LABEL: func.func @shortest
// CHECK: attn.attention %{{.*}}, %{{.*}}, %{{.*}} heads(<query = 8, kv = 8>) : (
func.func @shortest(%q: tensor<?x8x?x64xf16>, %k: tensor<?x8x?x64xf16>, %v: tensor<?x8x?x64xf16>) -> tensor<?x8x?x64xf16> {
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 8>)
      : (tensor<?x8x?x64xf16>, tensor<?x8x?x64xf16>, tensor<?x8x?x64xf16>) -> tensor<?x8x?x64xf16>
  return %out : tensor<?x8x?x64xf16>
}

// CHECK-LABEL: func.func @longest
// CHECK: %{{[a-z0-9]+}}, %{{[a-z0-9]+}} = attn.attention
// CHECK-SAME: captures(%{{[a-z0-9]+}})
// CHECK-SAME: heads(<query = 8, kv = 2>)
// CHECK-SAME: causality(<bottom_right, left = 127, right = 3>)
// CHECK-SAME: scale(1.250000e-01)
// CHECK-SAME: dropout(<probability = 1.000000e-01 : f64, seed = 7>)
// CHECK-SAME: score {
// CHECK: attn.yield %{{.*}} : f32
// CHECK: mask {
// CHECK: attn.yield %{{.*}} : i1
// CHECK: (tensor<?x8x?x64xbf16>, tensor<?x2x?x64xbf16>, tensor<?x2x?x80xbf16>, tensor<?xf32>) -> (tensor<?x8x?x80xbf16>, tensor<?x8x?xf32>)
func.func @longest(%q: tensor<?x8x?x64xbf16>, %k: tensor<?x2x?x64xbf16>, %v: tensor<?x2x?x80xbf16>, %slopes: tensor<?xf32>)
    -> (tensor<?x8x?x80xbf16>, tensor<?x8x?xf32>) {
  %out, %lse = attn.attention %q, %k, %v captures(%slopes)
      heads(#attn.head_grouping<query = 8, kv = 2>)
      causality(#attn.causality<bottom_right, left = 127, right = 3>)
      scale(0.125)
      dropout(#attn.dropout<probability = 0.1 : f64, seed = 7>)
      score {
      ^bb0(%s: f32, %b: index, %h: index, %i: index, %j: index, %captured: tensor<?xf32>):
        %slope = tensor.extract %captured[%h] : tensor<?xf32>
        %biased = arith.addf %s, %slope : f32
        attn.yield %biased : f32
      }
      mask {
      ^bb0(%b: index, %h: index, %i: index, %j: index, %captured: tensor<?xf32>):
        %allowed = arith.cmpi sle, %j, %i : index
        attn.yield %allowed : i1
      }
      : (tensor<?x8x?x64xbf16>, tensor<?x2x?x64xbf16>, tensor<?x2x?x80xbf16>, tensor<?xf32>)
      -> (tensor<?x8x?x80xbf16>, tensor<?x8x?xf32>)
  return %out, %lse : tensor<?x8x?x80xbf16>, tensor<?x8x?xf32>
}

// CHECK-LABEL: func.func @clauses
// CHECK: attn.attention
// CHECK-SAME: causality(<bottom_right>) prefix(%[[P:[a-z0-9]+]]) chunk(64) documents(%[[D:[a-z0-9]+]])
// CHECK-SAME: softcap(3.000000e+01) alibi(%[[A:[a-z0-9]+]]) bias(%[[B:[a-z0-9]+]]) sinks(%[[S:[a-z0-9]+]])
// CHECK-SAME: dropout(<probability = 5.000000e-01 : f64>, %[[R:[a-z0-9]+]])
func.func @clauses(%q: tensor<?x8x?x64xf16>, %k: tensor<?x8x?x64xf16>, %v: tensor<?x8x?x64xf16>, %slopes: tensor<8xf32>,
                   %bias: tensor<?x1x?x?xbf16>, %prefix: tensor<?xi32>, %ids: tensor<1x?xi32>, %sinks: tensor<?xf32>,
                   %seed: tensor<2xi32>) -> tensor<?x8x?x64xf16> {
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 8>) causality(#attn.causality<bottom_right>)
      prefix(%prefix) chunk(64) documents(%ids) softcap(30.0) alibi(%slopes) bias(%bias) sinks(%sinks)
      dropout(#attn.dropout<probability = 0.5>, %seed)
      : (tensor<?x8x?x64xf16>, tensor<?x8x?x64xf16>, tensor<?x8x?x64xf16>, tensor<8xf32>, tensor<?x1x?x?xbf16>,
         tensor<?xi32>, tensor<1x?xi32>, tensor<?xf32>, tensor<2xi32>) -> tensor<?x8x?x64xf16>
  return %out : tensor<?x8x?x64xf16>
}

// CHECK-LABEL: func.func private @attributes
// CHECK-SAME: a = #attn.causality<none>
// CHECK-SAME: b = #attn.causality<top_left, right = 0>
// CHECK-SAME: c = #attn.causality<none, left = 1073741823>
func.func private @attributes() attributes {
  a = #attn.causality<none>, b = #attn.causality<top_left, right = 0>, c = #attn.causality<none, left = 1073741823>}
