// RUN: attn-opt %s --convert-tile-to-nvvm --cse | FileCheck %s

// A sum that is not a number passes every limit, so the comparison is the unordered one. Which rows they are is settled among
// the lanes of a quad.
// CHECK-LABEL: llvm.func @kernel
// CHECK: setmaxnreg.inc
// CHECK: %[[PASSES:.*]] = arith.cmpf ugt
// CHECK: %[[ROW:.*]] = arith.ori %[[PASSES]]
// CHECK: %[[LANE:.*]] = arith.ori %[[ROW]]
// CHECK: %[[ANY:.*]] = nvvm.vote.sync any %{{.*}}, %[[LANE]] -> i1
// CHECK: scf.if %[[ANY]]
// CHECK: nvvm.shfl.sync bfly
// CHECK: arith.maximumf
// CHECK: arith.cmpf ugt
// CHECK: arith.select
func.func @kernel(%lse: memref<?x?x?xf32, strided<[?, ?, ?]>>) attributes {tile.plan = #tile.plan<target = "sm_90a", query_tile = 64, kv_tile = 16, warpgroups = 1, stages = 2, overlap = true, ping_pong = false>} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %one = arith.constant dense<1.0> : tensor<64xf32, #tile.layout<row, warpgroups = 1>>
  scf.forall (%b, %h, %t) in (%c1, %c1, %c1) {
    tile.roles registers(24, 240) producer {
    } consumers(1) {
      %i = tile.indices column %c0 : tensor<64x16xi32, #tile.layout<accumulator, warpgroups = 1>>
      %s = arith.sitofp %i : tensor<64x16xi32, #tile.layout<accumulator, warpgroups = 1>> to tensor<64x16xf32, #tile.layout<accumulator, warpgroups = 1>>
      %m = tile.row_max %s, %one : tensor<64x16xf32, #tile.layout<accumulator, warpgroups = 1>>, tensor<64xf32, #tile.layout<row, warpgroups = 1>>
      %fresh = arith.cmpf oeq, %m, %one : tensor<64xf32, #tile.layout<row, warpgroups = 1>>
      %none = tile.empty_sum : !tile.partial<64xf32>
      %l = tile.row_accumulate %none, %one, %s : !tile.partial<64xf32>, tensor<64xf32, #tile.layout<row, warpgroups = 1>>, tensor<64x16xf32, #tile.layout<accumulator, warpgroups = 1>>
      %any = tile.any_above %l, 2.560000e+02 or %fresh : !tile.partial<64xf32>, tensor<64xi1, #tile.layout<row, warpgroups = 1>>
      %new = scf.if %any -> (tensor<64xf32, #tile.layout<row, warpgroups = 1>>) {
        %rows = tile.rows_above %l, 2.560000e+02 or %fresh : !tile.partial<64xf32>, tensor<64xi1, #tile.layout<row, warpgroups = 1>>
        %chosen = arith.select %rows, %m, %one : tensor<64xi1, #tile.layout<row, warpgroups = 1>>, tensor<64xf32, #tile.layout<row, warpgroups = 1>>
        scf.yield %chosen : tensor<64xf32, #tile.layout<row, warpgroups = 1>>
      } else {
        scf.yield %one : tensor<64xf32, #tile.layout<row, warpgroups = 1>>
      }
      tile.store %new, %lse[%b, %h, %t] : tensor<64xf32, #tile.layout<row, warpgroups = 1>>, memref<?x?x?xf32, strided<[?, ?, ?]>>
    }
  }
  return
}
