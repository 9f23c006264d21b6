// RUN: attn-opt %s --pass-pipeline='builtin.module(func.func(tile-shift-scores,canonicalize))' | FileCheck %s

// A multiple of the distance: its far part stays with the scores, and what it is near is one shift of the step, past a mask.
// CHECK-LABEL: func.func @linear
// CHECK: %[[U:.*]] = tensor.splat
// CHECK: %[[FAR:.*]] = tile.distances far
// CHECK: %[[X:.*]] = math.fma %[[U]], %[[FAR]], %{{.*}}
// CHECK: %[[NEAR:.*]] = tile.distances near
// CHECK: %[[SHIFT:.*]] = arith.mulf %[[U]], %[[NEAR]]
// CHECK: scf.yield %[[X]]
// CHECK: tile.band_mask %[[X]]
// CHECK: tile.softmax_step {{.*}} shift %[[SHIFT]]
func.func @linear(%s: tensor<64x32xf32>, %v: tensor<32x64xf16>, %o: tensor<64x64xf32>, %m: tensor<64xf32>,
    %l: !tile.partial<64xf32>, %base: index, %slope: f32, %full: i1) -> tensor<64x64xf32> {
  %u = tensor.splat %slope : tensor<64x32xf32>
  %d = tile.distances whole %base : tensor<64x32xf32>
  %x = math.fma %u, %d, %s : tensor<64x32xf32>
  %masked = scf.if %full -> (tensor<64x32xf32>) {
    scf.yield %x : tensor<64x32xf32>
  } else {
    %keys = arith.constant 40 : index
    %zero = arith.constant 0 : index
    %part = tile.band_mask %x at[%zero, %base] keys %keys diagonal %zero upper 0 : tensor<64x32xf32>
    scf.yield %part : tensor<64x32xf32>
  }
  %o1, %m1, %l1 = tile.softmax_step %masked, %v, %o, %m, %l scale 1.0
      : tensor<64x32xf32>, tensor<32x64xf16>, tensor<64x64xf32>, tensor<64xf32>, !tile.partial<64xf32>
  return %o1 : tensor<64x64xf32>
}

// Key less query, and the factor on the other side.
// CHECK-LABEL: func.func @ahead
// CHECK: %[[U:.*]] = tensor.splat
// CHECK: %[[MINUS:.*]] = arith.negf %[[U]]
// CHECK: %[[FAR:.*]] = tile.distances far
// CHECK: math.fma %[[MINUS]], %[[FAR]], %{{.*}}
// CHECK: %[[NEAR:.*]] = tile.distances near
// CHECK: arith.mulf %[[MINUS]], %[[NEAR]]
func.func @ahead(%s: tensor<64x32xf32>, %v: tensor<32x64xf16>, %o: tensor<64x64xf32>, %m: tensor<64xf32>,
    %l: !tile.partial<64xf32>, %base: index, %slope: f32, %full: i1) -> tensor<64x64xf32> {
  %u = tensor.splat %slope : tensor<64x32xf32>
  %d = tile.distances whole %base : tensor<64x32xf32>
  %n = arith.negf %d : tensor<64x32xf32>
  %x = math.fma %n, %u, %s : tensor<64x32xf32>
  %o1, %m1, %l1 = tile.softmax_step %x, %v, %o, %m, %l scale 1.0
      : tensor<64x32xf32>, tensor<32x64xf16>, tensor<64x64xf32>, tensor<64xf32>, !tile.partial<64xf32>
  return %o1 : tensor<64x64xf32>
}
