// RUN: attn-opt %s --convert-tile-to-nvvm --cse | FileCheck %s

// A lane stores a chunk of 16 bytes of two rows, each only if the tensor has that row; where a row has fewer chunks than a
// quad has lanes, the others store none. Offsets are 64-bit before they are multiplied with a stride.
// CHECK-LABEL: llvm.func @kernel
// CHECK-DAG: %[[B:.*]] = nvvm.read.ptx.sreg.ctaid.z
// CHECK-DAG: %[[ROW:.*]] = nvvm.read.ptx.sreg.ctaid.x
// CHECK: setmaxnreg.inc
// CHECK: llvm.getelementptr %{{.*}}[3]
// CHECK: %[[ROWS:.*]] = arith.trunci
// CHECK: %[[UPPER:.*]] = arith.cmpi slt, %[[R0:.*]], %[[ROWS]]
// CHECK: scf.if %[[UPPER]] {
// CHECK: %[[WIDE:.*]] = arith.extui %[[B]] : i32 to i64
// CHECK: arith.muli %[[WIDE]], %{{.*}} : i64
// CHECK: %[[WIDEROW:.*]] = arith.extui %[[R0]] : i32 to i64
// CHECK: arith.muli %[[WIDEROW]], %{{.*}} : i64
// CHECK: arith.cmpi ult, %[[LANE:.*]], %c2_i32
// CHECK: llvm.store {{.*}} {alignment = 16 : i64} : vector<4xi32>
// CHECK-NOT: llvm.store
// CHECK: %[[LOWER:.*]] = arith.cmpi slt, %[[R1:.*]], %[[ROWS]]
// CHECK: scf.if %[[LOWER]] {
// CHECK: llvm.store {{.*}} {alignment = 16 : i64} : vector<4xi32>
// CHECK-NOT: llvm.store
func.func @kernel(%out: memref<?x?x?x16xbf16, strided<[?, ?, ?, 1]>>) attributes {tile.plan = #tile.plan<target = "sm_90a", query_tile = 64, kv_tile = 64, warpgroups = 1, stages = 2, overlap = true, ping_pong = false>} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %acc = arith.constant dense<0.0> : tensor<64x16xf32, #tile.layout<accumulator, warpgroups = 1>>
  scf.forall (%b, %h, %t) in (%c1, %c1, %c1) {
    tile.roles registers(24, 240) producer {
    } consumers(1) {
      %o = arith.truncf %acc : tensor<64x16xf32, #tile.layout<accumulator, warpgroups = 1>> to tensor<64x16xbf16, #tile.layout<accumulator, warpgroups = 1>>
      tile.store %o, %out[%b, %h, %t] : tensor<64x16xbf16, #tile.layout<accumulator, warpgroups = 1>>, memref<?x?x?x16xbf16, strided<[?, ?, ?, 1]>>
    }
  }
  return
}
