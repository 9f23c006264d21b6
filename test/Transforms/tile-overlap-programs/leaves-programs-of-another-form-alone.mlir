// RUN: attn-opt %s --pass-pipeline='builtin.module(func.func(tile-overlap-programs))' --remark-format=emitRemark --remarks-filter=tile-overlap-programs -o %t 2>&1 | FileCheck %s
// RUN: FileCheck %s --check-prefix=IR --input-file=%t

// The programs of these roles have no products.
// CHECK: remark: [Missed] overlap-programs
// CHECK-SAME: a program is not one loop over keys between two products; programs run one after another
// IR: consumers(1)
// IR: scf.for %{{.*}} = %c0 to %{{.*}} step %{{.*}} {
// IR-NOT: scf.if
func.func @kernel(%end: index, %step: index) attributes {tile.plan = #tile.plan<target = "sm_90a", query_tile = 64, kv_tile = 64, warpgroups = 1, stages = 2, overlap = true, ping_pong = false, persistent = true, overlap_programs = true>} {
  %c0 = arith.constant 0 : index
  tile.roles registers(24, 240) producer {
    scf.for %program = %c0 to %end step %step {
    }
  } consumers(1) {
    scf.for %program = %c0 to %end step %step {
    }
  }
  return
}
