// RUN: attn-opt %s --convert-tile-to-nvvm --cse | FileCheck %s

// Two rounds turn four pairs of columns a lane, one of each chunk, into one whole chunk a lane: with the neighbour, then with
// the lane two away, each lane sends what is the other's.
// CHECK-LABEL: llvm.func @kernel
// CHECK: setmaxnreg.inc
// CHECK: %[[FIRST:.*]] = arith.cmpi ne, %{{.*}}, %c0_i32
// CHECK: %[[SENT:.*]] = arith.select %[[FIRST]], %[[LOW:.*]], %[[HIGH:.*]] : i32
// CHECK: %[[GOT:.*]] = nvvm.shfl.sync bfly %{{.*}}, %[[SENT]], %c1_i32
// CHECK: arith.select %[[FIRST]], %[[GOT]], %[[LOW]]
// CHECK: arith.select %[[FIRST]], %[[HIGH]], %[[GOT]]
// CHECK: nvvm.shfl.sync bfly %{{.*}}, %{{.*}}, %c1_i32
// CHECK-COUNT-2: nvvm.shfl.sync bfly %{{.*}}, %{{.*}}, %c2_i32
// CHECK-NOT: nvvm.shfl.sync
// CHECK: scf.if
// CHECK-NOT: arith.cmpi ult
// CHECK: llvm.store {{.*}} : vector<4xi32>
func.func @kernel(%out: memref<?x?x?x32xbf16, strided<[?, ?, ?, 1]>>) attributes {tile.plan = #tile.plan<target = "sm_90a", query_tile = 64, kv_tile = 64, warpgroups = 1, stages = 2, overlap = true, ping_pong = false>} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.forall (%b, %h, %t) in (%c1, %c1, %c1) {
    tile.roles registers(24, 240) producer {
    } consumers(1) {
      %i = tile.indices column %c0 : tensor<64x32xi32, #tile.layout<accumulator, warpgroups = 1>>
      %acc = arith.sitofp %i : tensor<64x32xi32, #tile.layout<accumulator, warpgroups = 1>> to tensor<64x32xf32, #tile.layout<accumulator, warpgroups = 1>>
      %o = arith.truncf %acc : tensor<64x32xf32, #tile.layout<accumulator, warpgroups = 1>> to tensor<64x32xbf16, #tile.layout<accumulator, warpgroups = 1>>
      tile.store %o, %out[%b, %h, %t] : tensor<64x32xbf16, #tile.layout<accumulator, warpgroups = 1>>, memref<?x?x?x32xbf16, strided<[?, ?, ?, 1]>>
    }
  }
  return
}
