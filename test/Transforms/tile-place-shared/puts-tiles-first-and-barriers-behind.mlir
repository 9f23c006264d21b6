// RUN: attn-opt %s --pass-pipeline='builtin.module(func.func(tile-place-shared))' | FileCheck %s

// The ring of 80 columns takes two chunks of 64 a slot.
// CHECK-LABEL: func.func @place
// CHECK-SAME: tile.shared_bytes = 41000 : i64
func.func @place() {
  // CHECK: tile.alloc_ring at 0 : <1, 64x64xf16>
  %a = tile.alloc_ring : !tile.ring<1, 64x64xf16>
  // CHECK: tile.alloc_barriers arrivals 1 at 40960
  %b = tile.alloc_barriers arrivals 1 : !tile.barriers<1>
  // CHECK: tile.alloc_ring at 8192 : <2, 64x80xf16>
  %c = tile.alloc_ring : !tile.ring<2, 64x80xf16>
  // CHECK: tile.alloc_barriers arrivals 2 at 40968
  %d = tile.alloc_barriers arrivals 2 : !tile.barriers<4>
  return
}

// A tile that no ring has lies behind the rings.
// CHECK-LABEL: func.func @stage
// CHECK-SAME: tile.shared_bytes = 24584 : i64
func.func @stage() {
  // CHECK: tile.alloc_shared at 8192 : <64x80xf16>
  %s = tile.alloc_shared : !tile.shared<64x80xf16>
  // CHECK: tile.alloc_ring at 0 : <1, 64x64xf16>
  %a = tile.alloc_ring : !tile.ring<1, 64x64xf16>
  // CHECK: tile.alloc_barriers arrivals 1 at 24576
  %b = tile.alloc_barriers arrivals 1 : !tile.barriers<1>
  return
}
