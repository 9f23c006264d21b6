// RUN: attn-opt %s --pass-pipeline='builtin.module(func.func(tile-split-keys))' | FileCheck %s

#split = #tile.plan<target = "sm_90a", query_tile = 64, kv_tile = 64, warpgroups = 1, stages = 2, overlap = true, ping_pong = false, split = 4>

// Without a loop, as under a mask that allows nothing, all blocks have one result.
// CHECK-LABEL: func.func @nothing
// CHECK-NOT: tile.part
// CHECK: tile.store %{{.*}}, %{{.*}}[%{{.*}}, %{{.*}}, %{{.*}}] :
func.func @nothing(%out: memref<?x8x?x64xbf16, strided<[?, ?, ?, 1]>>, %i: index) attributes {tile.plan = #split} {
  %o = arith.constant dense<0.0> : tensor<64x64xf32>
  %m = arith.constant dense<0xFF800000> : tensor<64xf32>
  %l = tile.empty_sum : !tile.partial<64xf32>
  %f, %lse = tile.softmax_finish %o, %m, %l scale 0.5 : tensor<64x64xf32>, tensor<64xf32>, !tile.partial<64xf32> -> tensor<64x64xbf16>, tensor<64xf32>
  tile.store %f, %out[%i, %i, %i] : tensor<64x64xbf16>, memref<?x8x?x64xbf16, strided<[?, ?, ?, 1]>>
  return
}
