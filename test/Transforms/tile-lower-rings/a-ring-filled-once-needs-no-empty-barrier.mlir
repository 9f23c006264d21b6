// RUN: attn-opt %s --pass-pipeline='builtin.module(func.func(tile-lower-rings),canonicalize)' | FileCheck %s

// CHECK-LABEL: func.func @query
// CHECK: tile.alloc_barriers arrivals 1 : <1>
// CHECK-NOT: tile.alloc_barriers
// CHECK: tile.roles
// CHECK-NOT: tile.wait
// CHECK: tile.copy
func.func @query(%q: memref<?x8x?x64xf16, strided<[?, ?, ?, 1]>>, %b: index) {
  %c0 = arith.constant 0 : index
  %ring = tile.alloc_ring : !tile.ring<1, 64x64xf16>
  tile.roles registers(24, 240) producer {
    tile.put %q, %ring[%c0] from [%b, %b, %b] : memref<?x8x?x64xf16, strided<[?, ?, ?, 1]>>, !tile.ring<1, 64x64xf16>
  } consumers(1) {
    tile.wait_full %ring[%c0] : !tile.ring<1, 64x64xf16>
  }
  return
}
