// RUN: attn-opt %s --convert-tile-to-nvvm --cse | FileCheck %s

// The code brings its counters along, all 0. Behind the words of the one tensor stands which of them the launch has; the counter
// goes back to 0 behind the last draw. A block draws where its next number is not dealt; without a counter it goes on by its own. A number goes through shared memory, and every lane reads it before one gives it back.
// CHECK: llvm.mlir.global internal @kernel_counters(#llvm.zero) {addr_space = 1 : i32, alignment = 128 : i64} : !llvm.array<1024 x i32>
// CHECK-LABEL: llvm.func @kernel
// CHECK-SAME: llvm.byval = !llvm.array<10 x i64>
// CHECK: %[[WORD:.*]] = llvm.getelementptr %{{.*}}[9]
// CHECK: %[[WHICH:.*]] = llvm.load %[[WORD]]
// CHECK: %[[BYTES:.*]] = arith.shli %[[WHICH]], %c2_i64
// CHECK: %[[COUNTERS:.*]] = llvm.mlir.addressof @kernel_counters
// CHECK: %[[BASE:.*]] = llvm.ptrtoint %[[COUNTERS]]
// CHECK: %[[ADDRESS:.*]] = arith.addi %[[BASE]], %[[BYTES]]
// CHECK: %[[LAST:.*]] = arith.subi %{{.*}}, %c1_i32
// CHECK: %[[BLOCKS:.*]] = nvvm.read.ptx.sreg.nctaid.x
// CHECK: %[[BLOCK:.*]] = nvvm.read.ptx.sreg.ctaid.x
// CHECK: %[[AFTER:.*]] = arith.addi %c1_i32, %[[BLOCKS]]
// CHECK: %[[DEALT:.*]] = arith.cmpi slt, %[[AFTER]], %[[END:.*]] : i32
// CHECK-DAG: %[[WAS:.*]] = arith.cmpi slt, %c1_i32, %[[END]]
// CHECK-DAG: %[[FIRST:.*]] = arith.addi %c4_i32, %[[BLOCK]]
// CHECK: %[[OWN:.*]] = arith.select %[[WAS]], %[[FIRST]], %[[AFTER]]
// CHECK: %[[DRAWN:.*]] = llvm.inline_asm has_side_effects{{.*}}@p atom.relaxed.gpu.global.inc.u32 $0, [$1], $4;{{.*}}@p add.u32 $0, $0, $5;{{.*}} %[[ADDRESS]], %[[WHICH]], %[[OWN]], %[[LAST]], %c4_i32,
// CHECK: %[[NEXT:.*]] = arith.select %[[DEALT]], %[[AFTER]], %[[DRAWN]]
// CHECK: st.shared.b32 [$0], $1;{{.*}}mbarrier.arrive.shared::cta.b64 _, [$2];{{.*}} %{{.*}}, %[[NEXT]], %{{.*}}
// CHECK: setmaxnreg.inc
// CHECK: %[[GOT:.*]] = llvm.inline_asm has_side_effects{{.*}}"ld.shared.b32 $0, [$1];"
// CHECK-NEXT: nvvm.shfl.sync idx %{{.*}}, %[[GOT]], %c0_i32
// CHECK: mbarrier.arrive
func.func @kernel(%k: memref<?x?x?x64xbf16, strided<[?, ?, ?, 1]>>) attributes {tile.plan = #tile.plan<target = "sm_90a", query_tile = 64, kv_tile = 48, warpgroups = 1, stages = 2, overlap = true, ping_pong = false, persistent = true, dynamic = true>} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %dealt = memref.dim %k, %c1 : memref<?x?x?x64xbf16, strided<[?, ?, ?, 1]>>
  %programs = memref.dim %k, %c0 : memref<?x?x?x64xbf16, strided<[?, ?, ?, 1]>>
  %numbers = tile.alloc_ring at 2048 : !tile.ring<2, 1x1xi32>
  %full = tile.alloc_barriers arrivals 1 at 26624 : !tile.barriers<2>
  %empty = tile.alloc_barriers arrivals 1 at 26640 : !tile.barriers<2>
  tile.roles registers(24, 240) producer {
    %next = tile.draw after %c1 dealt %dealt first %c4 draws %programs
    tile.send %next to %numbers[%c1] signal %full : !tile.ring<2, 1x1xi32>, !tile.barriers<2>
  } consumers(1) {
    %got = tile.receive %numbers[%c1] : !tile.ring<2, 1x1xi32>
    tile.arrive %empty[%c1] : !tile.barriers<2>
  }
  return
}
