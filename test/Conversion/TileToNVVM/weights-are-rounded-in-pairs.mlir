// RUN: attn-opt %s --convert-tile-to-nvvm --cse | FileCheck %s

// Two neighbouring columns share a register: one conversion rounds both, the higher column in the upper half.
// CHECK-LABEL: llvm.func @kernel
// CHECK: setmaxnreg.inc
// CHECK: "wgmma.wait_group
// CHECK: %[[S0:.*]] = llvm.extractvalue %{{.*}}[0]
// CHECK: %[[S1:.*]] = llvm.extractvalue %{{.*}}[1]
// CHECK: "cvt.rn.bf16x2.f32 $0, $1, $2;", "=r,f,f" %[[S1]], %[[S0]] : (f32, f32) -> i32
// CHECK-COUNT-3: cvt.rn.bf16x2.f32
// CHECK-NOT: cvt.rn
func.func @kernel(%out: memref<?x?x?x16xbf16, strided<[?, ?, ?, 1]>>) attributes {tile.plan = #tile.plan<target = "sm_90a", query_tile = 64, kv_tile = 64, warpgroups = 1, stages = 2, overlap = true, ping_pong = false>} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.forall (%b, %h, %t) in (%c1, %c1, %c1) {
    %query = tile.alloc_ring at 0 : !tile.ring<1, 64x16xbf16>
    %keys = tile.alloc_ring at 8192 : !tile.ring<1, 16x16xbf16>
    tile.roles registers(24, 240) producer {
    } consumers(1) {
      %q = tile.view %query[%c0] : !tile.ring<1, 64x16xbf16> -> !tile.shared<64x16xbf16>
      %k = tile.view %keys[%c0] : !tile.ring<1, 16x16xbf16> -> !tile.shared<16x16xbf16>
      %p = tile.issue_mma %q, %k transpose_b : !tile.shared<64x16xbf16>, !tile.shared<16x16xbf16> -> !tile.pending<tensor<64x16xf32, #tile.layout<accumulator, warpgroups = 1>>>
      %s = tile.await %p : !tile.pending<tensor<64x16xf32, #tile.layout<accumulator, warpgroups = 1>>>
      %r = arith.truncf %s : tensor<64x16xf32, #tile.layout<accumulator, warpgroups = 1>> to tensor<64x16xbf16, #tile.layout<accumulator, warpgroups = 1>>
      tile.store %r, %out[%b, %h, %t] : tensor<64x16xbf16, #tile.layout<accumulator, warpgroups = 1>>, memref<?x?x?x16xbf16, strided<[?, ?, ?, 1]>>
    }
  }
  return
}
