// RUN: attn-opt %s --pass-pipeline='builtin.module(func.func(tile-simplify-scores,canonicalize))' | FileCheck %s

// |query + moved - key|, as ALiBi has it.
// CHECK-LABEL: func.func @behind
// CHECK-SAME: %[[Q:.*]]: index, %[[K:.*]]: index, %[[MOVED:.*]]: index
// CHECK: %[[PLACE:.*]] = arith.addi %[[Q]], %[[MOVED]]
// CHECK: %[[BASE:.*]] = arith.subi %[[PLACE]], %[[K]]
// CHECK: %[[D:.*]] = tile.distances whole %[[BASE]] : tensor<64x96xf32>
// CHECK: %[[X:.*]] = math.absf %[[D]]
// CHECK: return %[[X]]
func.func @behind(%q0: index, %k0: index, %moved: index) -> tensor<64x96xf32> {
  %q = tile.indices row %q0 : tensor<64x96xi32>
  %k = tile.indices column %k0 : tensor<64x96xi32>
  %i = arith.index_cast %moved : index to i32
  %m = tensor.splat %i : tensor<64x96xi32>
  %place = arith.addi %q, %m : tensor<64x96xi32>
  %d = arith.subi %place, %k : tensor<64x96xi32>
  %f = arith.sitofp %d : tensor<64x96xi32> to tensor<64x96xf32>
  %x = math.absf %f : tensor<64x96xf32>
  return %x : tensor<64x96xf32>
}

// Of queries of two heads: rows count from 0 in each, and a head's number is no position.
// CHECK-LABEL: func.func @packed
// CHECK: tile.distances whole %{{.*}} packed 2 : tensor<64x96xf32>
// CHECK: arith.sitofp
func.func @packed(%q0: index, %k0: index, %h0: index) -> (tensor<64x96xf32>, tensor<64x96xf32>) {
  %q = tile.indices row %q0 packed 2 : tensor<64x96xi32>
  %k = tile.indices column %k0 : tensor<64x96xi32>
  %h = tile.indices head %h0 packed 2 : tensor<64x96xi32>
  %d = arith.subi %q, %k : tensor<64x96xi32>
  %e = arith.subi %h, %k : tensor<64x96xi32>
  %x = arith.sitofp %d : tensor<64x96xi32> to tensor<64x96xf32>
  %y = arith.sitofp %e : tensor<64x96xi32> to tensor<64x96xf32>
  return %x, %y : tensor<64x96xf32>, tensor<64x96xf32>
}

// key - query - 3, the other way round; its sign is of no matter to the absolute value.
// CHECK-LABEL: func.func @before
// CHECK: %[[D:.*]] = tile.distances whole %{{.*}} : tensor<64x96xf32>
// CHECK: %[[X:.*]] = arith.negf %[[D]]
// CHECK: %[[Y:.*]] = math.absf %[[D]]
// CHECK: return %[[X]], %[[Y]]
func.func @before(%q0: index, %k0: index) -> (tensor<64x96xf32>, tensor<64x96xf32>) {
  %three = arith.constant dense<3> : tensor<64x96xi32>
  %q = tile.indices row %q0 : tensor<64x96xi32>
  %k = tile.indices column %k0 : tensor<64x96xi32>
  %d = arith.subi %k, %q : tensor<64x96xi32>
  %e = arith.subi %d, %three : tensor<64x96xi32>
  %x = arith.sitofp %e : tensor<64x96xi32> to tensor<64x96xf32>
  %y = math.absf %x : tensor<64x96xf32>
  return %x, %y : tensor<64x96xf32>, tensor<64x96xf32>
}

// Sums of both indices and products of them are no distances.
// CHECK-LABEL: func.func @others
// CHECK-NOT: tile.distances
// CHECK: return
func.func @others(%q0: index, %k0: index) -> (tensor<64x96xf32>, tensor<64x96xf32>) {
  %q = tile.indices row %q0 : tensor<64x96xi32>
  %k = tile.indices column %k0 : tensor<64x96xi32>
  %sum = arith.addi %k, %q : tensor<64x96xi32>
  %product = arith.muli %k, %q : tensor<64x96xi32>
  %x = arith.sitofp %sum : tensor<64x96xi32> to tensor<64x96xf32>
  %y = arith.sitofp %product : tensor<64x96xi32> to tensor<64x96xf32>
  return %x, %y : tensor<64x96xf32>, tensor<64x96xf32>
}
