// RUN: attn-opt %s --convert-tile-to-cpu=cpu=avx2 --cse | FileCheck %s

// Scores are kept with queries along the lanes, so a distance grows with the lane.
// CHECK-LABEL: func.func @kernel
// CHECK: %[[LANES:.*]] = arith.constant dense<[0, 1, 2, 3, 4, 5, 6, 7]> : vector<8xi32>
// CHECK: %[[ALL:.*]] = arith.addi %{{.*}}, %[[LANES]] : vector<8xi32>
// CHECK: arith.sitofp %[[ALL]] : vector<8xi32> to vector<8xf32>
func.func @kernel(%q: memref<?x?x?x16xbf16, strided<[?, ?, ?, 1]>>, %k: memref<?x?x?x16xbf16, strided<[?, ?, ?, 1]>>, %v: memref<?x?x?x16xbf16, strided<[?, ?, ?, 1]>>, %out: memref<?x?x?x16xbf16, strided<[?, ?, ?, 1]>>) attributes {tile.plan = #tile.plan<target = "cpu", query_tile = 16, kv_tile = 32, warpgroups = 0, stages = 0, overlap = false, ping_pong = false>} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.forall (%b, %h, %t) in (%c1, %c1, %c1) {
    %query = tile.load %q[%b, %h, %t] : memref<?x?x?x16xbf16, strided<[?, ?, ?, 1]>> -> tensor<16x16xbf16>
    %keys = tile.load %k[%b, %h, %c0] : memref<?x?x?x16xbf16, strided<[?, ?, ?, 1]>> -> tensor<32x16xbf16>
    %s = tile.mma %query, %keys transpose_b : tensor<16x16xbf16>, tensor<32x16xbf16> -> tensor<16x32xf32>
    %d = tile.distances whole %t : tensor<16x32xf32>
    %moved = arith.addf %s, %d : tensor<16x32xf32>
    %m = arith.constant dense<0.0> : tensor<16xf32>
    %x = tile.row_max %moved, %m : tensor<16x32xf32>, tensor<16xf32>
  }
  return
}

// The near part grows with the lane, the far part is the same for all of them.
// CHECK-LABEL: func.func @parts
// CHECK: %[[LANES:.*]] = arith.constant dense<[0, 1, 2, 3, 4, 5, 6, 7]> : vector<8xi32>
// CHECK: %[[ROWS:.*]] = arith.addi %{{.*}}, %[[LANES]] : vector<8xi32>
// CHECK: %[[FIRST:.*]] = arith.andi %[[COLUMN:.*]], %{{.*}} : vector<8xi32>
// CHECK: %[[NEAR:.*]] = arith.subi %[[ROWS]], %[[FIRST]] : vector<8xi32>
// CHECK: arith.sitofp %[[NEAR]]
// CHECK: %[[FAR:.*]] = arith.subi %{{.*}}, %{{.*}} : vector<8xi32>
// CHECK: arith.sitofp %[[FAR]]
func.func @parts(%q: memref<?x?x?x16xbf16, strided<[?, ?, ?, 1]>>, %k: memref<?x?x?x16xbf16, strided<[?, ?, ?, 1]>>, %v: memref<?x?x?x16xbf16, strided<[?, ?, ?, 1]>>, %out: memref<?x?x?x16xbf16, strided<[?, ?, ?, 1]>>) attributes {tile.plan = #tile.plan<target = "cpu", query_tile = 16, kv_tile = 32, warpgroups = 0, stages = 0, overlap = false, ping_pong = false>} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.forall (%b, %h, %t) in (%c1, %c1, %c1) {
    %query = tile.load %q[%b, %h, %t] : memref<?x?x?x16xbf16, strided<[?, ?, ?, 1]>> -> tensor<16x16xbf16>
    %keys = tile.load %k[%b, %h, %c0] : memref<?x?x?x16xbf16, strided<[?, ?, ?, 1]>> -> tensor<32x16xbf16>
    %s = tile.mma %query, %keys transpose_b : tensor<16x16xbf16>, tensor<32x16xbf16> -> tensor<16x32xf32>
    %near = tile.distances near %t : tensor<16x32xf32>
    %behind = arith.addf %s, %near : tensor<16x32xf32>
    %far = tile.distances far %t : tensor<16x32xf32>
    %moved = arith.addf %behind, %far : tensor<16x32xf32>
    %m = arith.constant dense<0.0> : tensor<16xf32>
    %x = tile.row_max %moved, %m : tensor<16x32xf32>, tensor<16xf32>
  }
  return
}
