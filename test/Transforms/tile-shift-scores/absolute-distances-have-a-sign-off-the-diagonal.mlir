// RUN: attn-opt %s --pass-pipeline='builtin.module(func.func(tile-shift-scores,canonicalize))' | FileCheck %s

// 64 rows, 32 columns: all queries are at or behind all keys from base 31 on, and at or before them to base -63. Between, the
// diagonal crosses the block, the scores are made in whole, and the shift is 0.
// CHECK-LABEL: func.func @absolute
// CHECK-DAG: %[[LAST:.*]] = arith.constant -63 : index
// CHECK-DAG: %[[FIRST:.*]] = arith.constant 31 : index
// CHECK-DAG: %[[ZERO:.*]] = arith.constant dense<0.000000e+00> : tensor<64x32xf32>
// CHECK: %[[U:.*]] = tensor.splat %{{.*}} : tensor<64x32xf32>
// CHECK: %[[BEHIND:.*]] = arith.cmpi sge, %[[BASE:.*]], %[[FIRST]]
// CHECK: %[[AHEAD:.*]] = arith.cmpi sle, %[[BASE]], %[[LAST]]
// CHECK: %[[MINUS:.*]] = arith.negf %[[U]]
// CHECK: %[[A:.*]] = tensor.splat %[[AHEAD]]
// CHECK: %[[NOT:.*]] = arith.select %[[A]], %[[MINUS]], %[[ZERO]]
// CHECK: %[[B:.*]] = tensor.splat %[[BEHIND]]
// CHECK: %[[SIGNED:.*]] = arith.select %[[B]], %[[U]], %[[NOT]]
// CHECK: %[[SIDE:.*]] = arith.ori %[[BEHIND]], %[[AHEAD]]
// CHECK: %[[X:.*]] = scf.if %[[SIDE]]
// CHECK: %[[FAR:.*]] = tile.distances far
// CHECK: math.fma %[[SIGNED]], %[[FAR]]
// CHECK: else
// CHECK: %[[D:.*]] = tile.distances whole
// CHECK: %[[ABS:.*]] = math.absf %[[D]]
// CHECK: math.fma %[[U]], %[[ABS]]
// CHECK: %[[NEAR:.*]] = tile.distances near
// CHECK: %[[SHIFT:.*]] = arith.mulf %[[SIGNED]], %[[NEAR]]
// CHECK: tile.softmax_step %[[X]], {{.*}} shift %[[SHIFT]]
func.func @absolute(%s: tensor<64x32xf32>, %v: tensor<32x64xf16>, %o: tensor<64x64xf32>, %m: tensor<64xf32>,
    %l: !tile.partial<64xf32>, %base: index, %slope: f32, %full: i1) -> tensor<64x64xf32> {
  %u = tensor.splat %slope : tensor<64x32xf32>
  %d = tile.distances whole %base : tensor<64x32xf32>
  %a = math.absf %d : tensor<64x32xf32>
  %x = math.fma %u, %a, %s : tensor<64x32xf32>
  %o1, %m1, %l1 = tile.softmax_step %x, %v, %o, %m, %l scale 1.0
      : tensor<64x32xf32>, tensor<32x64xf16>, tensor<64x64xf32>, tensor<64xf32>, !tile.partial<64xf32>
  return %o1 : tensor<64x64xf32>
}
