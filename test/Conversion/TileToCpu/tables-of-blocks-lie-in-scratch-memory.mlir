// RUN: attn-opt %s --convert-tile-to-cpu=cpu=avx2 | FileCheck %s

// 1024 numbers of present entries, and a byte for each entry that says whether it is full.
// CHECK-LABEL: func.func @kernel
// CHECK-SAME: %[[SCRATCH:[a-z0-9]+]]: !llvm.ptr {llvm.noalias})
// CHECK-SAME: tile.scratch_bytes = 5120
// CHECK: math.ctlz
// CHECK: %[[FULL:.*]] = llvm.getelementptr %{{.*}}[%c4096_i64]
// CHECK: %[[COUNT:.*]] = scf.for %[[ENTRY:[a-z0-9]+]] = {{.*}} iter_args(%[[SO:.*]] = %{{.*}}) -> (i64) : i64 {
// CHECK: %[[KIND:.*]]:2 = scf.for
// CHECK: %[[NUMBER:.*]] = arith.trunci %[[ENTRY]] : i64 to i32
// CHECK: llvm.store %[[NUMBER]]
// CHECK: %[[BYTE:.*]] = arith.extui %[[KIND]]#1 : i1 to i8
// CHECK: llvm.store %[[BYTE]]
// CHECK: scf.for
// CHECK: llvm.load {{.*}} -> i32
// CHECK: llvm.load {{.*}} -> i8
func.func @kernel(%q: memref<?x?x?x16xbf16, strided<[?, ?, ?, 1]>>) attributes {tile.plan = #tile.plan<target = "cpu", query_tile = 16, kv_tile = 32, warpgroups = 0, stages = 0, overlap = false, ping_pong = false>} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %rows = memref.dim %q, %c2 : memref<?x?x?x16xbf16, strided<[?, ?, ?, 1]>>
  scf.forall (%b, %h, %t) in (%c1, %c1, %rows) {
    %table = tile.tabulate %c0 to %rows {
    ^bb0(%block: index):
      %some = arith.cmpi sgt, %block, %t : index
      tile.kind present %some full %some
    }
    %count = tile.count_blocks %table
    scf.for %i = %c0 to %count step %c1 {
      %block = tile.find_block %table[%i]
      %full = tile.is_full_block %table[%block]
    }
  }
  return
}
