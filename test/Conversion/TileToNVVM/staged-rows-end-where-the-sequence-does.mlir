// RUN: attn-opt %s --convert-tile-to-nvvm --cse | FileCheck %s

// As for a copy that ends early: the coordinates are those of a map that leads backwards. 24 columns are three units of 16 bytes, so the
// last matrices are a pair. A warp's rows are of the second head where it is one of the upper two.
// CHECK-LABEL: llvm.func @kernel
// CHECK: nvvm.stmatrix {{.*}} : !llvm.ptr<3>, i32, i32, i32, i32
// CHECK: nvvm.stmatrix {{.*}} : !llvm.ptr<3>, i32, i32{{$}}
// CHECK: %[[HEAD:.*]] = arith.divui %{{.*}}, %c32_i32
// CHECK: %[[OWN:.*]] = arith.addi %{{.*}}, %[[HEAD]]
// CHECK: %[[BEYOND:.*]] = arith.subi %{{.*}}, %c77_i32
// CHECK: %[[Y:.*]] = arith.addi
// CHECK: %[[X:.*]] = arith.addi %{{.*}}, %[[BEYOND]]
// CHECK: %[[Z:.*]] = arith.subi %c1073741824_i32, %[[Y]]
// CHECK: nvvm.cp.async.bulk.tensor.global.shared.cta %{{.*}}, %{{.*}}, box[%c0_i32, %[[X]], %[[Y]], %[[Z]], %[[OWN]]]
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
