// RUN: attn-opt %s --convert-tile-to-nvvm --cse | FileCheck %s

// Each argument that a copy reads gets a tensor map; all share one block of addresses, sizes and strides, 9 words a tensor and
// 7 for the log-sum-exp. What the launch has to know stays with the declaration.
// CHECK: func.func private @kernel
// CHECK-SAME: tile.block_threads = 384 : i64
// CHECK-SAME: tile.boxes = array<i32: 128, 64, 0, 0, 48, 64>
// CHECK-LABEL: llvm.func @kernel
// CHECK-SAME: llvm.byval = !llvm.array<128 x i8>, nvvm.grid_constant
// CHECK-SAME: llvm.byval = !llvm.array<128 x i8>, nvvm.grid_constant
// CHECK-SAME: llvm.byval = !llvm.array<25 x i64>, nvvm.grid_constant
// CHECK-SAME: nvvm.kernel
func.func @kernel(%q: memref<?x?x?x80xbf16, strided<[?, ?, ?, 1]>>, %lse: memref<?x?x?xf32, strided<[?, ?, ?]>>, %k: memref<?x?x?x64xbf16, strided<[?, ?, ?, 1]>>) attributes {tile.plan = #tile.plan<target = "sm_90a", query_tile = 128, kv_tile = 48, warpgroups = 2, stages = 2, overlap = true, ping_pong = false>} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.forall (%b, %h, %t) in (%c1, %c1, %c1) {
    %query = tile.alloc_ring at 0 : !tile.ring<1, 128x80xbf16>
    %keys = tile.alloc_ring at 32768 : !tile.ring<2, 48x64xbf16>
    %full = tile.alloc_barriers arrivals 1 at 45056 : !tile.barriers<2>
    tile.roles registers(24, 240) producer {
      tile.copy %q[%b, %h, %t] to %query[%c0] signal %full[%c0] : memref<?x?x?x80xbf16, strided<[?, ?, ?, 1]>>, !tile.ring<1, 128x80xbf16>, !tile.barriers<2>
      tile.copy %k[%b, %h, %t] to %keys[%c0] signal %full[%c1] : memref<?x?x?x64xbf16, strided<[?, ?, ?, 1]>>, !tile.ring<2, 48x64xbf16>, !tile.barriers<2>
    } consumers(2) {
    }
  }
  return
}
