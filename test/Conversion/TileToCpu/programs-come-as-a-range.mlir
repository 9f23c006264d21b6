// RUN: attn-opt %s --convert-tile-to-cpu=cpu=avx2 | FileCheck %s

// Program p is query tile p % tiles of head (p / tiles) % heads of batch p / tiles / heads.
// CHECK-LABEL: func.func @kernel
// CHECK-SAME: (%[[ARGUMENTS:.*]]: !llvm.ptr, %[[FIRST:.*]]: i64, %[[LAST:.*]]: i64, %{{.*}}: !llvm.ptr {llvm.noalias})
// CHECK-SAME: tile.scratch_bytes = 0
// CHECK: scf.for %[[P:.*]] = %[[FIRST]] to %[[LAST]]
// CHECK: %[[ROW:.*]] = arith.divui %[[P]], %[[TILES:.*]] : i64
// CHECK: arith.divui %[[ROW]], %[[HEADS:.*]] : i64
// CHECK: arith.remui %[[ROW]], %[[HEADS]] : i64
// CHECK: arith.remui %[[P]], %[[TILES]] : i64
func.func @kernel(%q: memref<?x?x?x16xbf16, strided<[?, ?, ?, 1]>>) attributes {tile.plan = #tile.plan<target = "cpu", query_tile = 16, kv_tile = 32, warpgroups = 0, stages = 0, overlap = false, ping_pong = false>} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %batches = memref.dim %q, %c0 : memref<?x?x?x16xbf16, strided<[?, ?, ?, 1]>>
  %heads = memref.dim %q, %c1 : memref<?x?x?x16xbf16, strided<[?, ?, ?, 1]>>
  %rows = memref.dim %q, %c2 : memref<?x?x?x16xbf16, strided<[?, ?, ?, 1]>>
  scf.forall (%b, %h, %t) in (%batches, %heads, %rows) {
  }
  return
}
