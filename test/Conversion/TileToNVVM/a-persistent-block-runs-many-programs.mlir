// RUN: attn-opt %s --pass-pipeline='builtin.module(convert-tile-to-nvvm)' | FileCheck %s

// Programs are numbered in 32 bits from the block's number on, in steps of the number of blocks.
// CHECK-LABEL: llvm.func @kernel
// CHECK: %[[FIRST:.*]] = nvvm.read.ptx.sreg.ctaid.x : i32
// CHECK: %[[STEP:.*]] = nvvm.read.ptx.sreg.nctaid.x : i32
// CHECK: scf.for %[[P:.*]] = %[[FIRST]] to %{{.*}} step %[[STEP]] iter_args(%{{.*}} = %{{.*}}) -> (i32) : i32
// CHECK: arith.divui %[[P]], %{{.*}} : i32
func.func @kernel(%lse: memref<?x?x?xf32, strided<[?, ?, ?]>>) attributes {tile.plan = #tile.plan<target = "sm_90a", query_tile = 64, kv_tile = 64, warpgroups = 1, stages = 2, overlap = true, ping_pong = false, persistent = true>} {
  %c0 = arith.constant 0 : index
  %programs = memref.dim %lse, %c0 : memref<?x?x?xf32, strided<[?, ?, ?]>>
  %ring = tile.alloc_barriers arrivals 1 at 0 : !tile.barriers<2>
  %first = gpu.block_id x
  %step = gpu.grid_dim x
  tile.roles registers(24, 240) producer {
    %end = scf.for %p = %first to %programs step %step iter_args(%base = %c0) -> index {
      %c2 = arith.constant 2 : index
      %head = arith.divui %p, %c2 : index
      %next = arith.addi %base, %head : index
      scf.yield %next : index
    }
  } consumers(1) {
  }
  return
}
