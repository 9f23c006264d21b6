// RUN: attn-opt %s --allow-unregistered-dialect --pass-pipeline='builtin.module(func.func(tile-split-ranges),canonicalize)' | FileCheck %s

// A window of 9 keys and the first `global` keys of the batch: two ranges, visited by one loop.
// CHECK-LABEL: func.func @window_and_columns
// CHECK-SAME: %[[TABLE:[a-z0-9]*]]: memref<?xi32>
// CHECK: scf.forall (%[[BATCH:.*]], %{{.*}}, %{{.*}}) in
// The captured scalar is read once, before the loop, and is 0 outside of its buffer.
// CHECK: %[[COUNT:.*]] = tile.element %[[TABLE]][%[[BATCH]]]
// CHECK: arith.index_cast %[[COUNT]]
// CHECK: scf.for %[[I:.*]] = %{{.*}} to %{{.*}} step
// CHECK: %[[T:.*]] = arith.subi %{{.*}}, %[[I]]
// CHECK: %[[IN_FIRST:.*]] = arith.cmpi sgt, %{{.*}}, %[[T]]
// CHECK: %[[SHIFT:.*]] = arith.select %[[IN_FIRST]]
// CHECK: arith.addi %[[T]], %[[SHIFT]]
// CHECK: %[[S:.*]] = tile.mma
// CHECK: scf.if
// CHECK-NEXT: scf.yield %[[S]]
// CHECK: %[[MASKED:.*]] = tile.region_mask %[[S]]
// CHECK: tile.band_mask %[[MASKED]]
func.func @window_and_columns(%q: memref<?x1x?x16xf32>, %k: memref<?x1x?x16xf32>, %global: memref<?xi32>, %sq: index, %sk: index, %d: index, %out: memref<?x1x?x16xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c8 = arith.constant 8 : index
  scf.forall (%b, %h, %t) in (%sq, %sq, %sq) {
    %row = arith.muli %t, %c8 : index
    %zero = arith.constant dense<0.0> : tensor<8x8xf32>
    %qt = tile.load %q[%b, %h, %row] : memref<?x1x?x16xf32> -> tensor<8x16xf32>
    %r = scf.for %i = %c0 to %sk step %c1 iter_args(%acc = %zero) -> (tensor<8x8xf32>) {
      %key = arith.muli %i, %c8 : index
      %kt = tile.load %k[%b, %h, %key] : memref<?x1x?x16xf32> -> tensor<8x16xf32>
      %s = tile.mma %qt, %kt transpose_b : tensor<8x16xf32>, tensor<8x16xf32> -> tensor<8x8xf32>
      %m = tile.region_mask %s[%b, %h, %row, %key] captures(%global : memref<?xi32>) {
      ^bb0(%batch: index, %head: index, %i0: index, %j0: index, %table: memref<?xi32>):
        %c9 = arith.constant 9 : index
        %n = memref.load %table[%batch] : memref<?xi32>
        %count = arith.index_cast %n : i32 to index
        %distance = arith.subi %i0, %j0 : index
        %near = arith.cmpi slt, %distance, %c9 : index
        %column = arith.cmpi slt, %j0, %count : index
        %allowed = arith.ori %near, %column : i1
        tile.yield %allowed : i1
      } : tensor<8x8xf32>
      %x = tile.band_mask %m at [%row, %key] keys %sk diagonal %d upper 0 : tensor<8x8xf32>
      scf.yield %x : tensor<8x8xf32>
    }
    "test.use"(%r) : (tensor<8x8xf32>) -> ()
  }
  return
}
