// RUN: attn-opt %s --tile-stage-stores --remark-format=emitRemark --remarks-filter=tile-stage-stores 2>&1 | FileCheck %s

// The output gets a tile in shared memory, rows of numbers do not. The tile is allocated in front of all that loops.
// CHECK: remark: {{.*}}the output is stored through 16384 bytes of shared memory
// CHECK-LABEL: func.func @kernel
// CHECK: %[[STAGE:.*]] = tile.alloc_shared : <64x80xbf16>
// CHECK: scf.forall
// CHECK: tile.store %{{.*}}, %{{.*}}[%{{.*}}] below %{{.*}} through %[[STAGE]] : tensor<64x80xbf16
// CHECK: tile.store %{{.*}}, %{{.*}}[%{{.*}}] : tensor<64xf32>
func.func @kernel(%tile: tensor<64x80xbf16>, %rows: tensor<64xf32>, %out: memref<?x?x?x80xbf16, strided<[?, ?, ?, 1]>>, %lse: memref<?x?x?xf32, strided<[?, ?, ?]>>, %end: index)
    attributes {tile.plan = #tile.plan<target = "sm_90a", query_tile = 64, kv_tile = 64, warpgroups = 1, stages = 2, overlap = true, ping_pong = false, staged_stores = true>} {
  %c1 = arith.constant 1 : index
  scf.forall (%b, %h, %t) in (%c1, %c1, %c1) {
    tile.store %tile, %out[%b, %h, %t] below %end : tensor<64x80xbf16>, memref<?x?x?x80xbf16, strided<[?, ?, ?, 1]>>
    tile.store %rows, %lse[%b, %h, %t] : tensor<64xf32>, memref<?x?x?xf32, strided<[?, ?, ?]>>
  }
  return
}
