// RUN: attn-opt %s --convert-tile-to-nvvm --cse | FileCheck %s

#shared = #tile.plan<target = "sm_90a", query_tile = 64, kv_tile = 64, warpgroups = 1, stages = 2, overlap = true, ping_pong = false, split = 4, least_part = 16>
#accumulator = #tile.layout<accumulator, warpgroups = 1>
#row = #tile.layout<row, warpgroups = 1>

// The kernel has no cluster of its own: it is told how many blocks its launch made one of.
// CHECK-LABEL: llvm.func @kernel
// CHECK-NOT: nvvm.cluster_dim
// CHECK: %[[X:.*]] = nvvm.read.ptx.sreg.ctaid.x
// CHECK: %[[BLOCKS:.*]] = nvvm.read.ptx.sreg.cluster.nctaid.x
// CHECK: %[[TILE:.*]] = arith.divui %[[X]], %[[BLOCKS]]
// CHECK: %[[WHOLE:.*]] = arith.muli %[[TILE]], %[[BLOCKS]]
// CHECK: %[[PART:.*]] = arith.subi %[[X]], %[[WHOLE]]
// CHECK: arith.cmpi ne, %[[PART]],
func.func @kernel(%out: memref<?x?x?xf32, strided<[?, ?, ?]>>) attributes {tile.plan = #shared, tile.shared_bytes = 8192 : i64} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.forall (%b, %h, %t) in (%c1, %c1, %c1) {
    %ring = tile.alloc_ring at 0 : !tile.ring<1, 64x64xbf16>
    %number, %count = tile.part
    tile.roles registers(24, 240) producer {
    } consumers(1) {
      %o = arith.constant dense<0.0> : tensor<64x16xf32, #accumulator>
      %m = arith.constant dense<0.0> : tensor<64xf32, #row>
      %l = tile.empty_sum : !tile.partial<64xf32>
      tile.publish %o, %m, %l : tensor<64x16xf32, #accumulator>, tensor<64xf32, #row>, !tile.partial<64xf32>
      %o1, %m1, %l1 = tile.peer %number : tensor<64x16xf32, #accumulator>, tensor<64xf32, #row>, !tile.partial<64xf32>
      tile.withdraw
      tile.store %m1, %out[%b, %h, %t] : tensor<64xf32, #row>, memref<?x?x?xf32, strided<[?, ?, ?]>>
    }
  }
  return
}
