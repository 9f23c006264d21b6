// RUN: attn-opt %examples/document.mlir --pass-pipeline='builtin.module(attn-cuda{stop-after=stepped})' | FileCheck %s

// A partial block takes one choice an element for its mask region and its band together; and under a band, where a row ends and
// where all keys end is one bound, made once a row.
// CHECK: %[[SAME:.*]] = arith.cmpi eq
// CHECK: %[[LAST:.*]] = arith.minsi %{{.*}}, %{{.*}} : tensor<64x64xi32>
// CHECK: %[[BEFORE:.*]] = arith.cmpi sle, %{{.*}}, %[[LAST]]
// CHECK: %[[ALLOWED:.*]] = arith.andi %[[SAME]], %[[BEFORE]]
// CHECK: arith.select %[[ALLOWED]], %{{.*}}, %{{.*}} : tensor<64x64xi1>, tensor<64x64xf32>
// CHECK-NOT: arith.select {{.*}}tensor<64x64xi1>
// CHECK: tile.row_max
