// RUN: attn-opt %s --pass-pipeline='builtin.module(func.func(tile-expand-softmax,cse))' | FileCheck %s

// The first block takes in the states of the others; both sides of a sum are scaled to the larger of their references.
// CHECK-LABEL: func.func @merge(
// CHECK-SAME: %[[O:.*]]: tensor<64x16xf32>, %[[M:.*]]: tensor<64xf32>, %[[L:.*]]: !tile.partial<64xf32>, %[[NUMBER:.*]]: index, %[[COUNT:.*]]: index)
// CHECK: %[[SHARED:.*]] = arith.cmpi sgt, %[[COUNT]], %{{.*}} : index
// CHECK: scf.if %[[SHARED]]
// CHECK-NEXT: tile.publish %[[O]], %[[M]], %[[L]]
// CHECK-NEXT: %[[FIRST:.*]] = arith.cmpi eq, %[[NUMBER]], %{{.*}} : index
// CHECK-NEXT: %[[END:.*]] = arith.select %[[FIRST]], %[[COUNT]], %{{.*}} : index
// CHECK-NEXT: %[[ALL:.*]]:3 = scf.for %[[P:.*]] = %{{.*}} to %[[END]] step %{{.*}} iter_args(%[[O0:.*]] = %[[O]], %[[M0:.*]] = %[[M]], %[[L0:.*]] = %[[L]])
// CHECK-NEXT: %[[O1:.*]], %[[M1:.*]], %[[L1:.*]] = tile.peer %[[P]]
// CHECK-NEXT: %[[MAX:.*]] = arith.maxnumf %[[M0]], %[[M1]]
// CHECK: %[[NONE:.*]] = arith.cmpf oeq, %[[MAX]], %{{.*}}
// CHECK: arith.select %[[NONE]],
// CHECK: %[[NEGATED:.*]] = arith.negf
// CHECK: %[[E0:.*]] = math.fma %[[M0]], %{{.*}}, %[[NEGATED]]
// CHECK-NEXT: %[[W0:.*]] = math.exp2 %[[E0]]
// CHECK: %[[E1:.*]] = math.fma %[[M1]], %{{.*}}, %[[NEGATED]]
// CHECK-NEXT: %[[W1:.*]] = math.exp2 %[[E1]]
// CHECK-NEXT: %[[B0:.*]] = tile.broadcast_rows %[[W0]]
// CHECK-NEXT: %[[SCALED:.*]] = arith.mulf %[[O0]], %[[B0]]
// CHECK-NEXT: %[[B1:.*]] = tile.broadcast_rows %[[W1]]
// CHECK-NEXT: %[[O2:.*]] = math.fma %[[O1]], %[[B1]], %[[SCALED]]
// CHECK: %[[S1:.*]] = tile.combine_sums %[[L1]], %[[W1]], %{{.*}}
// CHECK-NEXT: %[[L2:.*]] = tile.combine_sums %[[L0]], %[[W0]], %[[S1]]
// CHECK-NEXT: scf.yield %[[O2]], %[[MAX]], %[[L2]]
// CHECK: tile.withdraw
// CHECK-NEXT: scf.yield %[[ALL]]#0, %[[ALL]]#1, %[[ALL]]#2
// CHECK-NEXT: } else {
// CHECK-NEXT: scf.yield %[[O]], %[[M]], %[[L]]
func.func @merge(%o: tensor<64x16xf32>, %m: tensor<64xf32>, %l: !tile.partial<64xf32>, %number: index, %count: index) -> (tensor<64x16xf32>, tensor<64xf32>, !tile.partial<64xf32>) {
  %o1, %m1, %l1 = tile.merge_parts %o, %m, %l part %number of %count scale 0.5 : tensor<64x16xf32>, tensor<64xf32>, !tile.partial<64xf32>
  return %o1, %m1, %l1 : tensor<64x16xf32>, tensor<64xf32>, !tile.partial<64xf32>
}
