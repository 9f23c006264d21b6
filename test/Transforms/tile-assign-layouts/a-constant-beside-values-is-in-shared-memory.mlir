// RUN: attn-opt %s --split-input-file --verify-diagnostics --tile-assign-layouts | FileCheck %s

// One tile of ones for both products, in shared memory from the start.
// CHECK-LABEL: func.func @ones
// CHECK: %[[ONES:.*]] = tile.alloc_shared fill 1.000000e+00 : <96x8xbf16>
// CHECK-NOT: tile.alloc_shared
// CHECK-COUNT-2: tile.mma {{.*}} beside %[[ONES]] : tensor<64x96xbf16, #operand>, !tile.shared<96x64xbf16>, !tile.shared<96x8xbf16>
func.func @ones(%v: memref<?x2x?x64xbf16>)
    attributes {tile.plan = #tile.plan<target = "sm_90a", query_tile = 64, kv_tile = 96, warpgroups = 1, stages = 2, overlap = true, ping_pong = false>} {
  %c0 = arith.constant 0 : index
  %acc = arith.constant dense<0.0> : tensor<64x72xf32>
  %ones = arith.constant dense<1.0> : tensor<96x8xbf16>
  %weights = arith.constant dense<0.5> : tensor<64x96xf32>
  %w = arith.truncf %weights : tensor<64x96xf32> to tensor<64x96xbf16>
  %values = tile.load %v[%c0, %c0, %c0] : memref<?x2x?x64xbf16> -> tensor<96x64xbf16>
  %first = tile.mma %w, %values, %acc beside %ones : tensor<64x96xbf16>, tensor<96x64xbf16>, tensor<96x8xbf16> -> tensor<64x72xf32>
  %second = tile.mma %w, %values, %first beside %ones : tensor<64x96xbf16>, tensor<96x64xbf16>, tensor<96x8xbf16> -> tensor<64x72xf32>
  return
}

// -----

func.func @loaded(%v: memref<?x2x?x64xbf16>, %u: memref<?x2x?x8xbf16>)
    attributes {tile.plan = #tile.plan<target = "sm_90a", query_tile = 64, kv_tile = 96, warpgroups = 1, stages = 2, overlap = true, ping_pong = false>} {
  %c0 = arith.constant 0 : index
  %w = arith.constant dense<1.0> : tensor<64x96xbf16>
  %values = tile.load %v[%c0, %c0, %c0] : memref<?x2x?x64xbf16> -> tensor<96x64xbf16>
  %others = tile.load %u[%c0, %c0, %c0] : memref<?x2x?x8xbf16> -> tensor<96x8xbf16>
  // expected-error @+1 {{expects a constant of one number beside its right operand}}
  %o = tile.mma %w, %values beside %others : tensor<64x96xbf16>, tensor<96x64xbf16>, tensor<96x8xbf16> -> tensor<64x72xf32>
  return
}
