// RUN: attn-opt %s --pass-pipeline='builtin.module(func.func(tile-shift-scores,canonicalize))' | FileCheck %s

// A factor that is not the same for the whole tile.
// CHECK-LABEL: func.func @uneven
// CHECK-NOT: shift
func.func @uneven(%s: tensor<64x32xf32>, %v: tensor<32x64xf16>, %o: tensor<64x64xf32>, %m: tensor<64xf32>,
    %l: !tile.partial<64xf32>, %base: index, %slope: f32, %full: i1) -> tensor<64x64xf32> {
  %u = tensor.splat %slope : tensor<64x32xf32>
  %d = tile.distances whole %base : tensor<64x32xf32>
  %x = math.fma %s, %d, %s : tensor<64x32xf32>
  %o1, %m1, %l1 = tile.softmax_step %x, %v, %o, %m, %l scale 1.0
      : tensor<64x32xf32>, tensor<32x64xf16>, tensor<64x64xf32>, tensor<64xf32>, !tile.partial<64xf32>
  return %o1 : tensor<64x64xf32>
}

// Scores that something else reads too.
// CHECK-LABEL: func.func @shared
// CHECK-NOT: shift
func.func @shared(%s: tensor<64x32xf32>, %v: tensor<32x64xf16>, %o: tensor<64x64xf32>, %m: tensor<64xf32>,
    %l: !tile.partial<64xf32>, %base: index, %slope: f32, %full: i1) -> tensor<64x64xf32> {
  %u = tensor.splat %slope : tensor<64x32xf32>
  %d = tile.distances whole %base : tensor<64x32xf32>
  %x = math.fma %u, %d, %s : tensor<64x32xf32>
  %y = arith.mulf %x, %s : tensor<64x32xf32>
  %none = arith.constant dense<0xFF800000> : tensor<64x32xf32>
  %c = arith.cmpf ogt, %y, %s : tensor<64x32xf32>
  %z = arith.select %c, %x, %none : tensor<64x32xi1>, tensor<64x32xf32>
  %o1, %m1, %l1 = tile.softmax_step %z, %v, %o, %m, %l scale 1.0
      : tensor<64x32xf32>, tensor<32x64xf16>, tensor<64x64xf32>, tensor<64xf32>, !tile.partial<64xf32>
  return %o1 : tensor<64x64xf32>
}

// Masked scores that something else reads too.
// CHECK-LABEL: func.func @masked
// CHECK-NOT: shift
func.func @masked(%s: tensor<64x32xf32>, %v: tensor<32x64xf16>, %o: tensor<64x64xf32>, %m: tensor<64xf32>,
    %l: !tile.partial<64xf32>, %base: index, %slope: f32, %full: i1) -> (tensor<64x64xf32>, tensor<64x32xf32>) {
  %u = tensor.splat %slope : tensor<64x32xf32>
  %d = tile.distances whole %base : tensor<64x32xf32>
  %x = math.fma %u, %d, %s : tensor<64x32xf32>
  %none = arith.constant dense<0xFF800000> : tensor<64x32xf32>
  %c = arith.cmpf ogt, %d, %s : tensor<64x32xf32>
  %z = arith.select %c, %x, %none : tensor<64x32xi1>, tensor<64x32xf32>
  %o1, %m1, %l1 = tile.softmax_step %z, %v, %o, %m, %l scale 1.0
      : tensor<64x32xf32>, tensor<32x64xf16>, tensor<64x64xf32>, tensor<64xf32>, !tile.partial<64xf32>
  return %o1, %z : tensor<64x64xf32>, tensor<64x32xf32>
}

// Branches that hold different scores.
// CHECK-LABEL: func.func @branches
// CHECK-NOT: shift
func.func @branches(%s: tensor<64x32xf32>, %v: tensor<32x64xf16>, %o: tensor<64x64xf32>, %m: tensor<64xf32>,
    %l: !tile.partial<64xf32>, %base: index, %slope: f32, %full: i1) -> tensor<64x64xf32> {
  %u = tensor.splat %slope : tensor<64x32xf32>
  %d = tile.distances whole %base : tensor<64x32xf32>
  %x = math.fma %u, %d, %s : tensor<64x32xf32>
  %z = scf.if %full -> (tensor<64x32xf32>) {
    scf.yield %x : tensor<64x32xf32>
  } else {
    scf.yield %s : tensor<64x32xf32>
  }
  %o1, %m1, %l1 = tile.softmax_step %z, %v, %o, %m, %l scale 1.0
      : tensor<64x32xf32>, tensor<32x64xf16>, tensor<64x64xf32>, tensor<64xf32>, !tile.partial<64xf32>
  return %o1 : tensor<64x64xf32>
}
