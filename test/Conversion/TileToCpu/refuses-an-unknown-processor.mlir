// RUN: not attn-opt %s --convert-tile-to-cpu=cpu=sse9 2>&1 | FileCheck %s

// CHECK: error: expects the cpu option to be host, plain, avx2, avx512 or avx512bf16, got 'sse9'
func.func @kernel(%q: memref<?x?x?x16xbf16, strided<[?, ?, ?, 1]>>) attributes {tile.plan = #tile.plan<target = "cpu", query_tile = 16, kv_tile = 32, warpgroups = 0, stages = 0, overlap = false, ping_pong = false>} {
  return
}
