// RUN: attn-opt %s --pass-pipeline='builtin.module(func.func(attn-choose-plan,attn-tile-attention,tile-split-ranges),canonicalize)' | FileCheck %s

// A window has a lower bound: the loop starts late, and full blocks have to lie inside both bounds.
// CHECK-LABEL: func.func @attention
// CHECK: scf.forall
// CHECK-DAG: arith.maxsi
// CHECK-DAG: arith.minsi
// CHECK: arith.select
// CHECK: scf.for
// CHECK: %[[BEFORE:.*]] = arith.cmpi sle
// CHECK: %[[AFTER:.*]] = arith.cmpi sge
// CHECK: arith.andi %[[BEFORE]], %[[AFTER]]
// CHECK: tile.band_mask {{.*}} lower -100 upper 0
func.func @attention(%q: tensor<?x8x?x64xf16>, %k: tensor<?x2x?x64xf16>, %v: tensor<?x2x?x64xf16>) -> (tensor<?x8x?x64xf16>, tensor<?x8x?xf32>) {
  %out, %lse = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 2>) causality(#attn.causality<bottom_right, left = 100>)
      : (tensor<?x8x?x64xf16>, tensor<?x2x?x64xf16>, tensor<?x2x?x64xf16>) -> (tensor<?x8x?x64xf16>, tensor<?x8x?xf32>)
  return %out, %lse : tensor<?x8x?x64xf16>, tensor<?x8x?xf32>
}
