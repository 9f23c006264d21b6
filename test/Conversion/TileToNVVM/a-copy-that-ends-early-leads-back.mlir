// RUN: attn-opt %s --convert-tile-to-nvvm --cse | FileCheck %s

// The sequence ends at row 77 of N: the copy begins at row + (N - 77), behind which the map ends, and what that is too far, and
// the batches up to the last, lead back in steps of 16 bytes: y, and 2^30 - y, in the axes before the head.
// CHECK-LABEL: llvm.func @kernel
// CHECK-SAME: %[[MAP:.*]]: !llvm.ptr {llvm.align = 64{{.*}}, %[[BLOCK:arg1]]: !llvm.ptr
// CHECK: setmaxnreg.dec
// CHECK: %[[N_AT:.*]] = llvm.getelementptr %[[BLOCK]][3]
// CHECK: %[[N_WIDE:.*]] = llvm.load %[[N_AT]]
// CHECK: %[[N:.*]] = arith.trunci %[[N_WIDE]]
// CHECK: %[[BEYOND:.*]] = arith.subi %[[N]], %c77_i32
// CHECK: %[[STRIDE_AT:.*]] = llvm.getelementptr %[[BLOCK]][7]
// CHECK: %[[STRIDE:.*]] = llvm.load %[[STRIDE_AT]]
// CHECK: %[[EIGHTH:.*]] = arith.shrui %[[STRIDE]], %c3_i64
// CHECK: %[[STEPS:.*]] = arith.trunci %[[EIGHTH]]
// CHECK: %[[ROWS_BACK:.*]] = llvm.inline_asm {{.*}}"mul.lo.s32 $0, $1, $2;"{{.*}} %[[BEYOND]], %[[STEPS]]
// CHECK: %[[LAST:.*]] = arith.subi %{{.*}}, %c1_i32
// CHECK: %[[BATCHES:.*]] = arith.subi %[[LAST]], %{{.*}}
// CHECK: %[[BATCH_AT:.*]] = llvm.getelementptr %[[BLOCK]][5]
// CHECK: %[[BATCH_STRIDE:.*]] = llvm.load %[[BATCH_AT]]
// CHECK: %[[BATCH_EIGHTH:.*]] = arith.shrui %[[BATCH_STRIDE]], %c3_i64
// CHECK: %[[BATCH_STEPS:.*]] = arith.trunci %[[BATCH_EIGHTH]]
// CHECK: %[[BATCHES_BACK:.*]] = arith.muli %[[BATCHES]], %[[BATCH_STEPS]]
// CHECK: %[[Y:.*]] = arith.addi %[[ROWS_BACK]], %[[BATCHES_BACK]]
// CHECK: %[[X:.*]] = arith.addi %{{.*}}, %[[BEYOND]]
// CHECK: %[[Z:.*]] = arith.subi %c1073741824_i32, %[[Y]]
// CHECK: nvvm.cp.async.bulk.tensor{{.*}} %[[MAP]], {{.*}}, box[%c0_i32, %[[X]], %[[Y]], %[[Z]], %{{[0-9]+}}]
// CHECK: nvvm.cp.async.bulk.tensor{{.*}} %[[MAP]], {{.*}}, box[%c64_i32, %[[X]], %[[Y]], %[[Z]], %{{[0-9]+}}]

func.func @kernel(%k: memref<?x?x?x80xbf16, strided<[?, ?, ?, 1]>>) attributes {tile.plan = #tile.plan<target = "sm_90a", query_tile = 64, kv_tile = 48, warpgroups = 1, stages = 2, overlap = true, ping_pong = false>} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %end = arith.constant 77 : index
  scf.forall (%b, %h, %t) in (%c1, %c1, %c1) {
    %ring = tile.alloc_ring at 2048 : !tile.ring<2, 48x80xbf16>
    %full = tile.alloc_barriers arrivals 1 at 26624 : !tile.barriers<2>
    tile.roles registers(24, 240) producer {
      tile.copy %k[%b, %h, %t] below %end to %ring[%c1] signal %full[%c1] : memref<?x?x?x80xbf16, strided<[?, ?, ?, 1]>>, !tile.ring<2, 48x80xbf16>, !tile.barriers<2>
    } consumers(1) {
    }
  }
  return
}
