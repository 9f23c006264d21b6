// RUN: attn-opt %s --convert-tile-to-nvvm --cse | FileCheck %s

// A range [low, high) is cut into four parts of ceil(width / 4). As many as end below the value are passed over; the next one is
// searched further, up to its last place, which is known not to be below.
// CHECK-LABEL: llvm.func @kernel
// CHECK: scf.while (%{{.*}} = %c0_i32, %{{.*}} = %c9_i32)
// CHECK: ^bb0(%[[LOW:.*]]: i32, %[[HIGH:.*]]: i32):
// CHECK: %[[WIDTH:.*]] = arith.subi %[[HIGH]], %[[LOW]]
// CHECK: %[[UP:.*]] = arith.addi %[[WIDTH]], %c3_i32
// CHECK: %[[SIZE:.*]] = arith.shrui %[[UP]], %c2_i32
// CHECK: %[[ONE:.*]] = arith.muli %[[SIZE]], %c1_i32
// CHECK: %[[END:.*]] = arith.addi %[[LOW]], %[[ONE]]
// CHECK: %[[PLACE:.*]] = arith.addi %[[END]], %c-1_i32
// CHECK: %[[NUMBER:.*]] = llvm.inline_asm {{.*}}ld.global.nc.b32
// CHECK: %[[DIVIDED:.*]] = arith.divsi %[[NUMBER]], %c128_i32
// CHECK: %[[STEP:.*]] = arith.muli %[[PLACE]], %c1_i32
// CHECK: %[[RISEN:.*]] = arith.addi %[[DIVIDED]], %[[STEP]]
// CHECK: %[[BELOW:.*]] = arith.cmpi slt, %[[RISEN]], %{{.*}}
// CHECK: %[[EXISTS:.*]] = arith.cmpi slt, %[[PLACE]], %[[HIGH]]
// CHECK: arith.andi %[[BELOW]], %[[EXISTS]]
// CHECK-COUNT-2: ld.global.nc.b32
// CHECK: arith.andi
// CHECK: %[[LAST_COUNTS:.*]] = arith.extui %{{.*}} : i1 to i32
// CHECK-NEXT: %[[PARTS:.*]] = arith.addi %{{.*}}, %[[LAST_COUNTS]]
// CHECK-NEXT: %[[PASSED:.*]] = arith.muli %[[PARTS]], %[[SIZE]]
// CHECK: %[[NEXT:.*]] = arith.addi %[[LOW]], %[[PASSED]]
// CHECK: %[[LESS:.*]] = arith.addi %[[SIZE]], %c-1_i32
// CHECK: %[[LAST:.*]] = arith.addi %[[NEXT]], %[[LESS]]
// CHECK: %[[STOP:.*]] = arith.minsi %[[HIGH]], %[[LAST]]
// CHECK: scf.yield %[[NEXT]], %[[STOP]]

func.func @kernel(%ids: memref<?xi32, strided<[?]>>, %lse: memref<?x?x?xf32, strided<[?, ?, ?]>>) attributes {tile.plan = #tile.plan<target = "sm_90a", query_tile = 64, kv_tile = 48, warpgroups = 1, stages = 2, overlap = true, ping_pong = false>} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %n = arith.constant 9 : index
  scf.forall (%b, %h, %t) in (%c1, %c1, %c1) {
    tile.roles registers(24, 240) producer {
    } consumers(1) {
      %found = tile.search %ids[] from %c0 to %n for %t divide 128 step 1 : memref<?xi32, strided<[?]>>
      %init = arith.constant dense<0xFF800000> : tensor<64xf32, #tile.layout<row, warpgroups = 1>>
      tile.store %init, %lse[%b, %h, %found] : tensor<64xf32, #tile.layout<row, warpgroups = 1>>, memref<?x?x?xf32, strided<[?, ?, ?]>>
    }
  }
  return
}
