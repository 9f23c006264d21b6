// RUN: attn-opt %s --pass-pipeline='builtin.module(func.func(attn-expand-clauses))' | FileCheck %s

// Softcap, slopes, bias, then the region that was there; buffers become captured values in front of query and key, which
// are captured for their lengths.
// CHECK-LABEL: func.func @scores
// CHECK-SAME: %[[Q:[a-z0-9]+]]: tensor<?x8x?x64xf16>, %[[K:[a-z0-9]+]]: tensor<?x8x?x64xf16>
// CHECK-SAME: %[[OWN:[a-z0-9]+]]: tensor<8xf16>, %[[SLOPES:[a-z0-9]+]]: tensor<8xf32>, %[[BIAS:[a-z0-9]+]]: tensor<?x1x?x?xbf16>
// CHECK: attn.attention %[[Q]], %[[K]], %{{.*}} captures(%[[OWN]], %[[SLOPES]], %[[BIAS]], %[[Q]], %[[K]])
// CHECK-NOT: softcap
// CHECK-NOT: alibi
// CHECK: score {
// CHECK: ^bb0(%[[S:[a-z0-9]+]]: f32, %[[B:[a-z0-9]+]]: index, %[[H:[a-z0-9]+]]: index, %[[I:[a-z0-9]+]]: index, %[[J:[a-z0-9]+]]: index
// CHECK: %[[RATIO:.*]] = arith.mulf %[[S]]
// CHECK: %[[TANH:.*]] = math.tanh %[[RATIO]]
// CHECK: %[[CAPPED:.*]] = arith.mulf %[[TANH]]
// CHECK: %[[SK:.*]] = tensor.dim
// CHECK: %[[SQ:.*]] = tensor.dim
// CHECK: %[[D:.*]] = arith.subi %[[SK]], %[[SQ]]
// CHECK: %[[AT:.*]] = arith.addi %[[I]], %[[D]]
// CHECK: arith.subi %[[AT]], %[[J]]
// CHECK: math.absf
// CHECK: tensor.extract %{{.*}}[%[[H]]] : tensor<8xf32>
// CHECK: %[[SLOPED:.*]] = arith.subf %[[CAPPED]]
// CHECK: tensor.extract %{{.*}}[%[[B]], %{{.*}}, %[[I]], %[[J]]] : tensor<?x1x?x?xbf16>
// CHECK: %[[BIASED:.*]] = arith.addf %[[SLOPED]]
// CHECK: %[[LAST:.*]] = arith.addf %[[BIASED]]
// CHECK: attn.yield %[[LAST]]
func.func @scores(%q: tensor<?x8x?x64xf16>, %k: tensor<?x8x?x64xf16>, %v: tensor<?x8x?x64xf16>, %own: tensor<8xf16>,
                  %slopes: tensor<8xf32>, %bias: tensor<?x1x?x?xbf16>) -> tensor<?x8x?x64xf16> {
  %out = attn.attention %q, %k, %v captures(%own) heads(#attn.head_grouping<query = 8, kv = 8>)
      softcap(30.0) alibi(%slopes) bias(%bias)
      score {
      ^bb0(%s: f32, %b: index, %h: index, %i: index, %j: index, %c: tensor<8xf16>):
        %half = tensor.extract %c[%h] : tensor<8xf16>
        %more = arith.extf %half : f16 to f32
        %x = arith.addf %s, %more : f32
        attn.yield %x : f32
      }
      : (tensor<?x8x?x64xf16>, tensor<?x8x?x64xf16>, tensor<?x8x?x64xf16>, tensor<8xf16>, tensor<8xf32>, tensor<?x1x?x?xbf16>)
      -> tensor<?x8x?x64xf16>
  return %out : tensor<?x8x?x64xf16>
}
