// RUN: attn-opt %s --pass-pipeline='builtin.module(func.func(tile-place-shared))' | FileCheck %s

#shared = #tile.plan<target = "sm_90a", query_tile = 64, kv_tile = 16, warpgroups = 1, stages = 2, overlap = true, ping_pong = false, split = 4>

// 64 rows of 64 columns are (32 + 4) registers of 128 threads, 18432 bytes; the ring has 4096 of them, and the barriers lie behind.
// CHECK-LABEL: func.func @publishes(
// CHECK-SAME: tile.shared_bytes = 18448 : i64
// CHECK: tile.alloc_ring at 0 :
// CHECK: tile.alloc_barriers arrivals 1 at 18432 :
func.func @publishes(%o: tensor<64x64xf32>, %m: tensor<64xf32>, %l: !tile.partial<64xf32>) attributes {tile.plan = #shared} {
  %ring = tile.alloc_ring : !tile.ring<2, 16x64xbf16>
  %full = tile.alloc_barriers arrivals 1 : !tile.barriers<2>
  tile.publish %o, %m, %l : tensor<64x64xf32>, tensor<64xf32>, !tile.partial<64xf32>
  return
}
