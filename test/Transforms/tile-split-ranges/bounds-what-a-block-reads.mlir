// RUN: attn-opt %s --pass-pipeline='builtin.module(func.func(tile-split-ranges,canonicalize,cse))' | FileCheck %s

// Numbers of 8 queries and of 8 keys: those of the queries have one smallest and one largest for all blocks, those of the
// keys have them for each block.
// CHECK-LABEL: func.func @documents
// CHECK-SAME: %[[IDS:[a-z0-9]+]]: memref<?x?xi32>, %[[ROW:.*]]: index, %[[KEYS:.*]]: index,
// CHECK: %[[END:.*]] = arith.addi %[[ROW]], %c7
// CHECK: tile.extremes %[[IDS]][%c0, %[[ROW]]] to[%c0, %[[END]]]
// CHECK: tile.tabulate
// CHECK: ^bb0(%[[BLOCK:.*]]: index):
// CHECK: %[[KEY:.*]] = arith.muli %[[BLOCK]], %c8
// CHECK: tile.extremes %[[IDS]][%c0, %[[KEY]]] to[%c0, %{{.*}}]
// CHECK: tile.kind
func.func @documents(%s: tensor<8x8xf32>, %ids: memref<?x?xi32>, %row: index, %sk: index, %d: index) -> tensor<8x8xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c8 = arith.constant 8 : index
  %r = scf.for %i = %c0 to %sk step %c1 iter_args(%acc = %s) -> (tensor<8x8xf32>) {
    %key = arith.muli %i, %c8 : index
    %m = tile.region_mask %s[%c0, %c0, %row, %key] captures(%ids : memref<?x?xi32>) {
    ^bb0(%batch: index, %head: index, %i0: index, %j0: index, %numbers: memref<?x?xi32>):
      %mine = memref.load %numbers[%batch, %i0] : memref<?x?xi32>
      %other = memref.load %numbers[%batch, %j0] : memref<?x?xi32>
      %same = arith.cmpi eq, %mine, %other : i32
      tile.yield %same : i1
    } : tensor<8x8xf32>
    %x = tile.band_mask %m at [%row, %key] keys %sk diagonal %d : tensor<8x8xf32>
    scf.yield %x : tensor<8x8xf32>
  }
  return %r : tensor<8x8xf32>
}
