// RUN: attn-opt %s --pass-pipeline='builtin.module(func.func(tile-simplify-scores,canonicalize))' | FileCheck %s

// 50 * tanh: the factor passes the branch and the mask, and both operations that have a scale take it.
// CHECK-LABEL: func.func @softcap
// CHECK: %[[T:.*]] = math.tanh
// CHECK: %[[S:.*]] = scf.if %{{.*}} -> (tensor<64x96xf32>) {
// CHECK: scf.yield %[[T]]
// CHECK: } else {
// CHECK: %[[M:.*]] = arith.select %{{.*}}, %[[T]], %{{.*}}
// CHECK: scf.yield %[[M]]
// CHECK: tile.softmax_step %[[S]], {{.*}} scale 1.000000e+02
// CHECK: tile.softmax_finish {{.*}} scale 1.000000e+02
func.func @softcap(%x: tensor<64x96xf32>, %v: tensor<96x64xbf16>, %o: tensor<64x64xf32>, %m: tensor<64xf32>, %l: !tile.partial<64xf32>,
                   %full: i1, %allowed: tensor<64x96xi1>) -> tensor<64x64xbf16> {
  %cap = arith.constant dense<50.0> : tensor<64x96xf32>
  %none = arith.constant dense<0xFF800000> : tensor<64x96xf32>
  %t = math.tanh %x : tensor<64x96xf32>
  %score = arith.mulf %t, %cap : tensor<64x96xf32>
  %s = scf.if %full -> (tensor<64x96xf32>) {
    scf.yield %score : tensor<64x96xf32>
  } else {
    %masked = arith.select %allowed, %score, %none : tensor<64x96xi1>, tensor<64x96xf32>
    scf.yield %masked : tensor<64x96xf32>
  }
  %o1, %m1, %l1 = tile.softmax_step %s, %v, %o, %m, %l scale 2.0 : tensor<64x96xf32>, tensor<96x64xbf16>, tensor<64x64xf32>, tensor<64xf32>, !tile.partial<64xf32>
  %out, %lse = tile.softmax_finish %o1, %m1, %l1 scale 2.0 : tensor<64x64xf32>, tensor<64xf32>, <64xf32> -> tensor<64x64xbf16>, tensor<64xf32>
  return %out : tensor<64x64xbf16>
}

// A slope is one number for a tile, so it can be divided by the scale of the scores, and that can go.
// CHECK-LABEL: func.func @slope
// CHECK-SAME: %[[X:.*]]: tensor<64x96xf32>, %[[D:.*]]: tensor<64x96xf32>
// CHECK: %[[SLOPE:.*]] = arith.mulf %{{.*}}, %{{.*}}
// CHECK: %[[S:.*]] = math.fma %[[SLOPE]], %[[D]], %[[X]]
// CHECK: tile.softmax_step %[[S]], {{.*}} scale 2.500000e-01
func.func @slope(%x: tensor<64x96xf32>, %d: tensor<64x96xf32>, %v: tensor<96x64xbf16>, %o: tensor<64x64xf32>, %m: tensor<64xf32>,
                 %l: !tile.partial<64xf32>, %slope: f32) -> tensor<64x64xf32> {
  %scale = arith.constant dense<0.125> : tensor<64x96xf32>
  %slopes = tensor.splat %slope : tensor<64x96xf32>
  %scaled = arith.mulf %x, %scale : tensor<64x96xf32>
  %far = arith.mulf %slopes, %d : tensor<64x96xf32>
  %s = arith.subf %scaled, %far : tensor<64x96xf32>
  %o1, %m1, %l1 = tile.softmax_step %s, %v, %o, %m, %l scale 2.0 : tensor<64x96xf32>, tensor<96x64xbf16>, tensor<64x64xf32>, tensor<64xf32>, !tile.partial<64xf32>
  return %o1 : tensor<64x64xf32>
}

// A negative factor turns -inf round; and scores that something else reads keep theirs.
// CHECK-LABEL: func.func @stays
// CHECK: tile.softmax_step {{.*}} scale 2.000000e+00
func.func @stays(%x: tensor<64x96xf32>, %v: tensor<96x64xbf16>, %o: tensor<64x64xf32>, %m: tensor<64xf32>, %l: !tile.partial<64xf32>) -> tensor<64x64xf32> {
  %c = arith.constant dense<-3.0> : tensor<64x96xf32>
  %s = arith.mulf %x, %c : tensor<64x96xf32>
  %o1, %m1, %l1 = tile.softmax_step %s, %v, %o, %m, %l scale 2.0 : tensor<64x96xf32>, tensor<96x64xbf16>, tensor<64x64xf32>, tensor<64xf32>, !tile.partial<64xf32>
  return %o1 : tensor<64x64xf32>
}

// CHECK-LABEL: func.func @is_read
// CHECK: tile.softmax_step {{.*}} scale 2.000000e+00
func.func @is_read(%x: tensor<64x96xf32>, %v: tensor<96x64xbf16>, %o: tensor<64x64xf32>, %m: tensor<64xf32>, %l: !tile.partial<64xf32>) -> (tensor<64x64xf32>, tensor<64x96xf32>) {
  %c = arith.constant dense<3.0> : tensor<64x96xf32>
  %s = arith.mulf %x, %c : tensor<64x96xf32>
  %o1, %m1, %l1 = tile.softmax_step %s, %v, %o, %m, %l scale 2.0 : tensor<64x96xf32>, tensor<96x64xbf16>, tensor<64x64xf32>, tensor<64xf32>, !tile.partial<64xf32>
  return %o1, %s : tensor<64x64xf32>, tensor<64x96xf32>
}
