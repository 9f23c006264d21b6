// RUN: attn-opt %s --convert-tile-to-nvvm --cse --split-input-file --verify-diagnostics | FileCheck %s

#shared = #tile.plan<target = "sm_90a", query_tile = 64, kv_tile = 64, warpgroups = 1, stages = 2, overlap = true, ping_pong = false, split = 4>
#accumulator = #tile.layout<accumulator, warpgroups = 1>
#row = #tile.layout<row, warpgroups = 1>

// A thread writes its 8 + 2 + 2 registers in groups of four, 16 bytes a thread and 2048 a group, unless it is of part 0; behind a
// barrier of all consumers of the cluster, so that no warp reads the rings any more, and before another. Part 0 reads them where
// the other block has them.
// CHECK-LABEL: llvm.func @kernel
// CHECK-SAME: nvvm.cluster_dim = array<i32: 4, 1, 1>
// CHECK: %[[X:.*]] = nvvm.read.ptx.sreg.ctaid.x
// CHECK: %[[FOUR:.*]] = arith.constant 4 : i32
// CHECK: %[[TILE:.*]] = arith.divui %[[X]], %[[FOUR]]
// CHECK: %[[WHOLE:.*]] = arith.muli %[[TILE]], %[[FOUR]]
// CHECK: %[[PART:.*]] = arith.subi %[[X]], %[[WHOLE]]
// CHECK: barrier.cluster.arrive.release;\0Abarrier.cluster.wait.acquire;
// CHECK: %[[WRITES:.*]] = arith.cmpi ne, %[[PART]],
// CHECK: scf.if %[[WRITES]]
// CHECK-COUNT-3: st.shared.v4.f32
// CHECK-NOT: st.shared
// CHECK: barrier.cluster.arrive.release;\0Abarrier.cluster.wait.acquire;
// CHECK: mapa.shared::cluster.u32
// CHECK-COUNT-3: ld.shared::cluster.v4.f32
// CHECK-NOT: ld.shared
// CHECK: barrier.cluster.arrive.release;\0Abarrier.cluster.wait.acquire;
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

// -----

#shared = #tile.plan<target = "sm_90a", query_tile = 64, kv_tile = 16, warpgroups = 1, stages = 1, overlap = true, ping_pong = false, split = 4>
#accumulator = #tile.layout<accumulator, warpgroups = 1>
#row = #tile.layout<row, warpgroups = 1>
func.func @small(%out: memref<?x?x?xf32, strided<[?, ?, ?]>>) attributes {tile.plan = #shared, tile.shared_bytes = 8192 : i64} {
  %c1 = arith.constant 1 : index
  scf.forall (%b, %h, %t) in (%c1, %c1, %c1) {
    %ring = tile.alloc_ring at 0 : !tile.ring<1, 64x64xbf16>
    tile.roles registers(24, 240) producer {
    } consumers(1) {
      %o = arith.constant dense<0.0> : tensor<64x128xf32, #accumulator>
      %m = arith.constant dense<0.0> : tensor<64xf32, #row>
      %l = tile.empty_sum : !tile.partial<64xf32>
      // expected-error @+1 {{expects 34816 bytes of shared memory for the state, got 8192; run tile-place-shared first}}
      tile.publish %o, %m, %l : tensor<64x128xf32, #accumulator>, tensor<64xf32, #row>, !tile.partial<64xf32>
    }
  }
  return
}

// -----

#alone = #tile.plan<target = "sm_90a", query_tile = 64, kv_tile = 64, warpgroups = 1, stages = 2, overlap = true, ping_pong = false>
func.func @alone(%out: memref<?x?x?xf32, strided<[?, ?, ?]>>) attributes {tile.plan = #alone} {
  %c1 = arith.constant 1 : index
  scf.forall (%b, %h, %t) in (%c1, %c1, %c1) {
    // expected-error @+1 {{expects to stand in programs, an scf.forall, of a plan with a split of more than 1}}
    %number, %count = tile.part
  }
  return
}

// -----

#shared = #tile.plan<target = "sm_90a", query_tile = 64, kv_tile = 64, warpgroups = 1, stages = 2, overlap = true, ping_pong = false, split = 2>
func.func @outside() attributes {tile.plan = #shared, tile.shared_bytes = 8192 : i64} {
  // expected-error @+1 {{expects to stand in programs, an scf.forall, of a plan with a split of more than 1}}
  tile.withdraw
  return
}
