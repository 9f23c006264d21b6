// RUN: attn-opt %s --pass-pipeline='builtin.module(func.func(attn-choose-plan,attn-tile-attention,tile-split-ranges,tile-expand-softmax),canonicalize)' | FileCheck %s

// CHECK-LABEL: func.func @attention
// CHECK-DAG: %[[NONE:.*]] = arith.constant dense<0xFF800000> : tensor<64xf32>
// CHECK: scf.for {{.*}} iter_args(%[[O:.*]] = {{.*}}, %[[M:.*]] = {{.*}}, %[[L:[^ ]*]] =
// CHECK: %[[M1:.*]] = tile.row_max {{.*}}, %[[M]]
// CHECK: %[[EMPTY:.*]] = arith.cmpf oeq, %[[M1]], %[[NONE]]
// CHECK: arith.select %[[EMPTY]]
// CHECK: %[[FACTOR:.*]] = math.exp2
// CHECK: %[[P:.*]] = math.exp2
// CHECK: %[[L1:.*]] = tile.row_accumulate %[[L]], %[[FACTOR]], %[[P]]
// CHECK: %[[W:.*]] = arith.truncf %[[P]]
// CHECK: %[[R:.*]] = arith.mulf %[[O]]
// CHECK: %[[O1:.*]] = tile.mma %[[W]], {{.*}}, %[[R]]
// CHECK: scf.yield %[[O1]], %[[M1]], %[[L1]]
// CHECK: tile.row_total
// CHECK: math.log2
// CHECK-NOT: tile.softmax
func.func @attention(%q: tensor<?x8x?x64xf16>, %k: tensor<?x2x?x64xf16>, %v: tensor<?x2x?x64xf16>) -> (tensor<?x8x?x64xf16>, tensor<?x8x?xf32>) {
  %out, %lse = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 2>) 
      : (tensor<?x8x?x64xf16>, tensor<?x2x?x64xf16>, tensor<?x2x?x64xf16>) -> (tensor<?x8x?x64xf16>, tensor<?x8x?xf32>)
  return %out, %lse : tensor<?x8x?x64xf16>, tensor<?x8x?xf32>
}
