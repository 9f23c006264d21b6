// RUN: attn-opt %s --split-input-file --convert-tile-to-nvvm --cse | FileCheck %s

// All 256 threads write the ones, 16 bytes each, before the barriers are there for the roles: 16 rows of 128 bytes need the first 128.
// The product has 72 columns, of which the last 8 lie behind a stride from the values to the ones, bits 16 to 29 of the descriptor. Sums
// are those columns, the same in all four lanes of a quad.
// CHECK-LABEL: llvm.func @product
// CHECK: %[[ONES:.*]] = arith.addi %{{.*}}, %c2048_i32
// CHECK: %[[WORD:.*]] = arith.constant 1065369472 : i32
// CHECK: %[[INSIDE:.*]] = arith.cmpi ult, %{{.*}}, %c2048_i32
// CHECK: scf.if %[[INSIDE]]
// CHECK: st.shared.v4.b32 [$0], {$1, $1, $1, $1};{{.*}} %{{.*}}, %[[WORD]]
// CHECK: fence.proxy.async;
// CHECK: mbarrier.init
// CHECK: bar.sync 0;
// CHECK: setmaxnreg.inc
// CHECK: %[[STRIDE:.*]] = arith.subi %[[ONES]], %[[VALUES:.*]] : i32
// CHECK: arith.shrui %[[VALUES]], %c4_i32
// CHECK: arith.shli %[[STRIDE]], %c12_i32
// CHECK: wgmma.mma_async.sync.aligned.m64n72k16.f32.bf16.bf16 {$0, {{.*}}, $35}, {$36, $37, $38, $39}, b, p, 1, 1, 1;
// CHECK: wgmma.wait_group
// CHECK: %[[UPPER:.*]] = llvm.extractvalue %{{.*}}[32]
// CHECK: %[[LOWER:.*]] = llvm.extractvalue %{{.*}}[34]
// CHECK: llvm.store %[[UPPER]]
// CHECK: llvm.store %[[LOWER]]
func.func @product(%lse: memref<?x?x?xf32, strided<[?, ?, ?]>>) attributes {tile.plan = #tile.plan<target = "sm_90a", query_tile = 64, kv_tile = 16, warpgroups = 1, stages = 1, overlap = true, ping_pong = false>} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %weights = arith.constant dense<1.0> : tensor<64x16xf32, #tile.layout<accumulator, warpgroups = 1>>
  %acc = arith.constant dense<0.0> : tensor<64x72xf32, #tile.layout<accumulator, warpgroups = 1>>
  %ones = tile.alloc_shared fill 1.0 at 2048 : !tile.shared<16x8xbf16>
  scf.forall (%b, %h, %t) in (%c1, %c1, %c1) {
    %values = tile.alloc_ring at 0 : !tile.ring<1, 16x64xbf16>
    %full = tile.alloc_barriers arrivals 1 at 4096 : !tile.barriers<1>
    tile.roles registers(24, 240) producer {
    } consumers(1) {
      %p = arith.truncf %weights : tensor<64x16xf32, #tile.layout<accumulator, warpgroups = 1>> to tensor<64x16xbf16, #tile.layout<accumulator, warpgroups = 1>>
      %a = tile.convert_layout %p : tensor<64x16xbf16, #tile.layout<accumulator, warpgroups = 1>> -> tensor<64x16xbf16, #tile.layout<operand, warpgroups = 1>>
      %v = tile.view %values[%c0] : !tile.ring<1, 16x64xbf16> -> !tile.shared<16x64xbf16>
      %n = tile.issue_mma %a, %v, %acc beside %ones : tensor<64x16xbf16, #tile.layout<operand, warpgroups = 1>>, !tile.shared<16x64xbf16>, !tile.shared<16x8xbf16> -> !tile.pending<tensor<64x72xf32, #tile.layout<accumulator, warpgroups = 1>>>
      %o = tile.await %n : !tile.pending<tensor<64x72xf32, #tile.layout<accumulator, warpgroups = 1>>>
      %leading, %sum = tile.detach_sums %o : tensor<64x72xf32, #tile.layout<accumulator, warpgroups = 1>> -> tensor<64x64xf32, #tile.layout<accumulator, warpgroups = 1>>, tensor<64xf32, #tile.layout<row, warpgroups = 1>>
      tile.store %sum, %lse[%b, %h, %t] : tensor<64xf32, #tile.layout<row, warpgroups = 1>>, memref<?x?x?xf32, strided<[?, ?, ?]>>
    }
  }
  return
}

// -----

// The barrier of a cluster does not say what the threads of a block have written, so one of the block stands before it.
// CHECK-LABEL: llvm.func @clustered
// CHECK: st.shared.v4.b32
// CHECK: fence.proxy.async;
// CHECK: bar.sync 0;
// CHECK: barrier.cluster.arrive.relaxed;
func.func @clustered() attributes {tile.plan = #tile.plan<target = "sm_90a", query_tile = 64, kv_tile = 16, warpgroups = 1, stages = 1, overlap = true, ping_pong = false, persistent = true, cluster = 2>} {
  %ones = tile.alloc_shared fill 1.0 at 0 : !tile.shared<16x8xbf16>
  %full = tile.alloc_barriers arrivals 1 at 2048 : !tile.barriers<1>
  tile.roles registers(24, 240) producer {
  } consumers(1) {
  }
  return
}
