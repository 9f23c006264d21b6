// RUN: attn-opt %s --convert-tile-to-nvvm --cse | FileCheck %s

// Only a warp whose 16 rows are all in front of the end has them copied, the others store by rows. 24 columns are three units of 16
// bytes, so the last matrices are a pair. With two heads a tile a warp's rows are of the second where it is one of the upper two.
// CHECK-LABEL: llvm.func @kernel
// CHECK: %[[HEAD:.*]] = arith.divui %[[WARP:.*]], %c32_i32
// CHECK: %[[OFHEADS:.*]] = arith.muli %{{.*}}, %c32_i32
// CHECK: %[[ROWINHEAD:.*]] = arith.subi %[[WARP]], %[[OFHEADS]]
// CHECK: %[[ROW:.*]] = arith.addi %{{.*}}, %[[ROWINHEAD]]
// CHECK: %[[BEHIND:.*]] = arith.addi %[[ROW]], %c16_i32
// CHECK: %[[WHOLE:.*]] = arith.cmpi sle, %[[BEHIND]], %c77_i32
// CHECK: scf.if %[[WHOLE]] {
// CHECK: nvvm.stmatrix {{.*}} : !llvm.ptr<3>, i32, i32, i32, i32
// CHECK: nvvm.stmatrix {{.*}} : !llvm.ptr<3>, i32, i32{{$}}
// CHECK: nvvm.cp.async.bulk.tensor.global.shared.cta %{{.*}}, %{{.*}}, box[%c0_i32, %[[ROW]], %{{.*}}, %{{.*}}]
// CHECK: } else {
// CHECK-NOT: nvvm.cp.async.bulk
// CHECK: arith.cmpi slt, %{{.*}}, %c77_i32
// CHECK: llvm.store {{.*}} {alignment = 16 : i64} : vector<4xi32>
func.func @kernel(%out: memref<?x?x?x24xbf16, strided<[?, ?, ?, 1]>>) attributes {tile.plan = #tile.plan<target = "sm_90a", query_tile = 64, kv_tile = 64, warpgroups = 1, stages = 2, overlap = true, ping_pong = false, packed_heads = 2, staged_stores = true>} {
  %c1 = arith.constant 1 : index
  %end = arith.constant 77 : index
  %acc = arith.constant dense<0.0> : tensor<64x24xf32, #tile.layout<accumulator, warpgroups = 1>>
  %stage = tile.alloc_shared at 2048 : !tile.shared<64x24xbf16>
  scf.forall (%b, %h, %t) in (%c1, %c1, %c1) {
    tile.roles registers(24, 240) producer {
    } consumers(1) {
      %o = arith.truncf %acc : tensor<64x24xf32, #tile.layout<accumulator, warpgroups = 1>> to tensor<64x24xbf16, #tile.layout<accumulator, warpgroups = 1>>
      tile.store %o, %out[%b, %h, %t] below %end through %stage packed 2 : tensor<64x24xbf16, #tile.layout<accumulator, warpgroups = 1>>, memref<?x?x?x24xbf16, strided<[?, ?, ?, 1]>>, !tile.shared<64x24xbf16>
    }
  }
  return
}
