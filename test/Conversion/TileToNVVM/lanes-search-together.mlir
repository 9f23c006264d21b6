// RUN: attn-opt %s --convert-tile-to-nvvm --cse | FileCheck %s

// The answers of a range [low, high] are cut into 32 parts. Each lane looks at the last answer of one part; as many parts as
// lanes that find a number below the value are passed over (attn/Analysis/WarpSearch.h).
// CHECK-LABEL: llvm.func @kernel
// CHECK: %[[THREAD:.*]] = nvvm.read.ptx.sreg.tid.x
// CHECK: %[[LANE:.*]] = arith.andi %[[THREAD]], %c31_i32
// CHECK: scf.while (%[[FROM:.*]] = %c0_i32, %[[TO:.*]] = %c9_i32)
// CHECK: %[[OPEN:.*]] = arith.cmpi slt, %[[FROM]], %[[TO]]
// CHECK: scf.condition(%[[OPEN]])
// CHECK: ^bb0(%[[LOW:.*]]: i32, %[[HIGH:.*]]: i32):
// CHECK: %[[WIDTH:.*]] = arith.subi %[[HIGH]], %[[LOW]]
// CHECK: %[[SHARE:.*]] = arith.shrsi %[[WIDTH]], %c5_i32
// CHECK: %[[SIZE:.*]] = arith.addi %[[SHARE]], %c1_i32
// CHECK: %[[NUMBER_OF_PART:.*]] = arith.addi %[[LANE]], %c1_i32
// CHECK: %[[BEHIND:.*]] = arith.muli %[[NUMBER_OF_PART]], %[[SIZE]]
// CHECK: %[[END:.*]] = arith.addi %[[LOW]], %[[BEHIND]]
// CHECK: %[[PLACE:.*]] = arith.addi %[[END]], %c-1_i32
// CHECK: %[[EXISTS:.*]] = arith.cmpi slt, %[[PLACE]], %[[HIGH]]
// CHECK: %[[NUMBER:.*]] = llvm.inline_asm {{.*}}ld.global.b32
// CHECK: %[[DIVIDED:.*]] = arith.divsi %[[NUMBER]], %c128_i32
// CHECK: %[[STEP:.*]] = arith.muli %[[PLACE]], %c1_i32
// CHECK: %[[RISEN:.*]] = arith.addi %[[DIVIDED]], %[[STEP]]
// CHECK: %[[BELOW:.*]] = arith.cmpi slt, %[[RISEN]], %{{.*}}
// CHECK: %[[COUNTS:.*]] = arith.andi %[[BELOW]], %[[EXISTS]]
// CHECK: %[[BALLOT:.*]] = nvvm.vote.sync ballot %c-1_i32, %[[COUNTS]]
// CHECK: %[[PARTS:.*]] = llvm.intr.ctpop(%[[BALLOT]])
// CHECK: %[[PASSED:.*]] = arith.muli %[[PARTS]], %[[SIZE]]
// CHECK: %[[NEXT:.*]] = arith.addi %[[LOW]], %[[PASSED]]
// CHECK: %[[LATER:.*]] = arith.addi %[[NEXT]], %[[SIZE]]
// CHECK: %[[LAST:.*]] = arith.addi %[[LATER]], %c-1_i32
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
