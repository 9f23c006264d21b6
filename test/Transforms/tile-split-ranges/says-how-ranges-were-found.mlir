// RUN: attn-opt %s --split-input-file --remark-format=emitRemark --remarks-filter=tile-split-ranges --pass-pipeline='builtin.module(func.func(tile-split-ranges))' -o /dev/null 2>&1 | FileCheck %s

// CHECK: remark: {{.*}}key blocks are derived in closed form from the mask region, the band and the lengths, in 1 range
func.func @chunks(%s: tensor<8x8xf32>, %row: index, %sk: index, %d: index) -> tensor<8x8xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c8 = arith.constant 8 : index
  %r = scf.for %i = %c0 to %sk step %c1 iter_args(%acc = %s) -> (tensor<8x8xf32>) {
    %key = arith.muli %i, %c8 : index
    %m = tile.region_mask %s[%c0, %c0, %row, %key] {
    ^bb0(%batch: index, %head: index, %i0: index, %j0: index):
      %c100 = arith.constant 100 : index
      %x = arith.divui %i0, %c100 : index
      %y = arith.divui %j0, %c100 : index
      %same = arith.cmpi eq, %x, %y : index
      tile.yield %same : i1
    } : tensor<8x8xf32>
    %x = tile.band_mask %m at [%row, %key] keys %sk diagonal %d upper 0 : tensor<8x8xf32>
    scf.yield %x : tensor<8x8xf32>
  }
  return %r : tensor<8x8xf32>
}

// -----

// CHECK: remark: {{.*}}key blocks are visited where the mask region is not derived: the result of memref.load depends on the pair in no form known here; and a table of them would not skip any: the result of memref.load has no bounds over a tile
func.func @table(%s: tensor<8x8xf32>, %table: memref<?xi1>, %row: index, %sk: index, %d: index) -> tensor<8x8xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c8 = arith.constant 8 : index
  %r = scf.for %i = %c0 to %sk step %c1 iter_args(%acc = %s) -> (tensor<8x8xf32>) {
    %key = arith.muli %i, %c8 : index
    %m = tile.region_mask %s[%c0, %c0, %row, %key] captures(%table : memref<?xi1>) {
    ^bb0(%batch: index, %head: index, %i0: index, %j0: index, %allowed: memref<?xi1>):
      %bit = memref.load %allowed[%j0] : memref<?xi1>
      tile.yield %bit : i1
    } : tensor<8x8xf32>
    %x = tile.band_mask %m at [%row, %key] keys %sk diagonal %d upper 0 : tensor<8x8xf32>
    scf.yield %x : tensor<8x8xf32>
  }
  return %r : tensor<8x8xf32>
}

// -----

// CHECK: remark: {{.*}}key blocks are searched in sorted buffers, once for each query tile, in 1 range
func.func @documents(%s: tensor<8x8xf32>, %ids: memref<?x?xi32>, %row: index, %sk: index, %d: index) -> tensor<8x8xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c8 = arith.constant 8 : index
  %r = scf.for %i = %c0 to %sk step %c1 iter_args(%acc = %s) -> (tensor<8x8xf32>) {
    %key = arith.muli %i, %c8 : index
    %m = tile.region_mask %s[%c0, %c0, %row, %key] captures(%ids : memref<?x?xi32>) sorted [0] {
    ^bb0(%batch: index, %head: index, %i0: index, %j0: index, %numbers: memref<?x?xi32>):
      %mine = memref.load %numbers[%batch, %i0] : memref<?x?xi32>
      %other = memref.load %numbers[%batch, %j0] : memref<?x?xi32>
      %same = arith.cmpi eq, %mine, %other : i32
      tile.yield %same : i1
    } : tensor<8x8xf32>
    %x = tile.band_mask %m at [%row, %key] keys %sk diagonal %d upper 0 : tensor<8x8xf32>
    scf.yield %x : tensor<8x8xf32>
  }
  return %r : tensor<8x8xf32>
}

// -----

// CHECK: remark: {{.*}}key blocks are found in a table, made once for each query tile from bounds of the mask region: the result of arith.cmpi depends on the pair in no form known here
func.func @any_documents(%s: tensor<8x8xf32>, %ids: memref<?x?xi32>, %row: index, %sk: index, %d: index) -> tensor<8x8xf32> {
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
    %x = tile.band_mask %m at [%row, %key] keys %sk diagonal %d upper 0 : tensor<8x8xf32>
    scf.yield %x : tensor<8x8xf32>
  }
  return %r : tensor<8x8xf32>
}
