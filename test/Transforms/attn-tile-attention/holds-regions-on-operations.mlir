// RUN: attn-opt %s --pass-pipeline='builtin.module(func.func(attn-choose-plan,attn-tile-attention))' | FileCheck %s

// Scores are scaled first, in natural units; then comes the score region, then the mask region, then the band; the step
// works in powers of two.
// CHECK-LABEL: func.func @attention
// CHECK: scf.forall (%[[B:.*]], %[[H:.*]], %[[T:.*]]) in
// CHECK: %[[Q:.*]] = arith.muli %[[T]]
// CHECK: scf.for
// CHECK: %[[K:.*]] = arith.muli
// CHECK: %[[DOT:.*]] = tile.mma
// CHECK: %[[SCALE:.*]] = arith.constant dense<1.250000e-01>
// CHECK: %[[S:.*]] = arith.mulf %[[DOT]], %[[SCALE]]
// CHECK: %[[X:.*]] = tile.region_score %[[S]][%[[B]], %[[H]], %[[Q]], %[[K]]] {
// CHECK-NEXT: ^bb0(%[[SCORE:.*]]: f32, %{{.*}}: index, %{{.*}}: index, %{{.*}}: index, %{{.*}}: index):
// CHECK-NEXT: %[[TANH:.*]] = math.tanh %[[SCORE]]
// CHECK-NEXT: tile.yield %[[TANH]] : f32
// CHECK: %[[Y:.*]] = tile.region_mask %[[X]][%[[B]], %[[H]], %[[Q]], %[[K]]] {
// CHECK: arith.cmpi sle
// CHECK: tile.yield %{{.*}} : i1
// CHECK: %[[Z:.*]] = tile.band_mask %[[Y]]
// CHECK: tile.softmax_step %[[Z]], {{.*}} scale 1.442695
func.func @attention(%q: tensor<?x8x?x64xf16>, %k: tensor<?x2x?x64xf16>, %v: tensor<?x2x?x64xf16>) -> tensor<?x8x?x64xf16> {
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 2>) scale(0.125)
      score {
      ^bb0(%s: f32, %b: index, %h: index, %i: index, %j: index):
        %t = math.tanh %s : f32
        attn.yield %t : f32
      }
      mask {
      ^bb0(%b: index, %h: index, %i: index, %j: index):
        %allowed = arith.cmpi sle, %j, %i : index
        attn.yield %allowed : i1
      }
      : (tensor<?x8x?x64xf16>, tensor<?x2x?x64xf16>, tensor<?x2x?x64xf16>) -> tensor<?x8x?x64xf16>
  return %out : tensor<?x8x?x64xf16>
}
