// RUN: attn-opt %s --tile-stage-stores | FileCheck %s

// CHECK-LABEL: func.func @kernel
// CHECK-NOT: alloc_shared
// CHECK: tile.store %{{.*}}, %{{.*}}[%{{.*}}] : tensor<64x80xbf16>
func.func @kernel(%tile: tensor<64x80xbf16>, %out: memref<?x?x?x80xbf16, strided<[?, ?, ?, 1]>>, %t: index)
    attributes {tile.plan = #tile.plan<target = "sm_90a", query_tile = 64, kv_tile = 64, warpgroups = 1, stages = 2, overlap = true, ping_pong = false>} {
  tile.store %tile, %out[%t, %t, %t] : tensor<64x80xbf16>, memref<?x?x?x80xbf16, strided<[?, ?, ?, 1]>>
  return
}
