// RUN: attn-opt %s --convert-tile-to-nvvm --cse | FileCheck %s

// 80 columns: a chunk of 64 and one of 16. A warp waits until its last copies have read their rows, writes its 16 rows in units
// of 16 bytes, whose places in 128 bytes are exchanged by the row, and lane 0 starts a copy of 16 rows for each chunk. The map
// has boxes of 16 rows. Before the role ends its copies have read all.
// CHECK: func.func private @kernel
// CHECK-SAME: tile.boxes = array<i32: 16, 64>
// CHECK-LABEL: llvm.func @kernel
// CHECK-SAME: %[[MAP:.*]]: !llvm.ptr {llvm.align = 64
// CHECK: setmaxnreg.inc
// CHECK: %[[WARP:.*]] = arith.addi
// CHECK: nvvm.cp.async.bulk.wait_group 0 {read}
// CHECK: bar.warp.sync
// CHECK: %[[ROW:.*]] = arith.andi %{{.*}}, %c15_i32
// CHECK: %[[UPPER:.*]] = arith.shrui %{{.*}}, %c4_i32
// CHECK: %[[SWIZZLE:.*]] = arith.andi %{{.*}}, %c7_i32
// CHECK: arith.xori %{{.*}}, %[[SWIZZLE]]
// CHECK-COUNT-5: nvvm.stmatrix {{.*}} : !llvm.ptr<3>, i32, i32, i32, i32
// CHECK-NOT: nvvm.stmatrix
// CHECK: fence.proxy.async.shared::cta;{{.*}}bar.warp.sync
// CHECK: %[[FIRST:.*]] = arith.cmpi eq, %{{.*}}, %c0_i32
// CHECK: scf.if %[[FIRST]] {
// CHECK: nvvm.cp.async.bulk.tensor.global.shared.cta %[[MAP]], %{{.*}}, box[%c0_i32, %{{.*}}, %{{.*}}, %{{.*}}]
// CHECK: arith.addi %{{.*}}, %c8192_i32
// CHECK: nvvm.cp.async.bulk.tensor.global.shared.cta %[[MAP]], %{{.*}}, box[%c64_i32, %{{.*}}, %{{.*}}, %{{.*}}]
// CHECK: nvvm.cp.async.bulk.commit.group
// CHECK: }
// CHECK: nvvm.cp.async.bulk.wait_group 0 {read}
func.func @kernel(%out: memref<?x?x?x80xbf16, strided<[?, ?, ?, 1]>>) attributes {tile.plan = #tile.plan<target = "sm_90a", query_tile = 64, kv_tile = 64, warpgroups = 1, stages = 2, overlap = true, ping_pong = false, staged_stores = true>} {
  %c1 = arith.constant 1 : index
  %acc = arith.constant dense<0.0> : tensor<64x80xf32, #tile.layout<accumulator, warpgroups = 1>>
  %stage = tile.alloc_shared at 2048 : !tile.shared<64x80xbf16>
  scf.forall (%b, %h, %t) in (%c1, %c1, %c1) {
    tile.roles registers(24, 240) producer {
    } consumers(1) {
      %o = arith.truncf %acc : tensor<64x80xf32, #tile.layout<accumulator, warpgroups = 1>> to tensor<64x80xbf16, #tile.layout<accumulator, warpgroups = 1>>
      tile.store %o, %out[%b, %h, %t] through %stage : tensor<64x80xbf16, #tile.layout<accumulator, warpgroups = 1>>, memref<?x?x?x80xbf16, strided<[?, ?, ?, 1]>>, !tile.shared<64x80xbf16>
    }
  }
  return
}
