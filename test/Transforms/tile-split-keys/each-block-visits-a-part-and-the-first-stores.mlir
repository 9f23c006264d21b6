// RUN: attn-opt %s --pass-pipeline='builtin.module(func.func(tile-split-keys,cse))' | FileCheck %s
// RUN: attn-opt %s --pass-pipeline='builtin.module(func.func(tile-split-keys))' --remark-format=emitRemark --remarks-filter=tile-split-keys -o /dev/null 2>&1 | FileCheck %s --check-prefix=REMARK

// REMARK: 4 blocks share the keys of a query tile
// REMARK: 2 blocks share the keys of the first query tile of every head
// REMARK-NOT: share

#split = #tile.plan<target = "sm_90a", query_tile = 64, kv_tile = 64, warpgroups = 1, stages = 2, overlap = true, ping_pong = false, split = 4>
#first = #tile.plan<target = "sm_90a", query_tile = 64, kv_tile = 64, warpgroups = 1, stages = 2, overlap = true, ping_pong = false, split = 2>
#alone = #tile.plan<target = "sm_90a", query_tile = 64, kv_tile = 64, warpgroups = 1, stages = 2, overlap = true, ping_pong = false>

// Block p of n visits ceil(blocks / n) key blocks from p times as many on.
// CHECK-LABEL: func.func @shared(
// CHECK-SAME: %[[BLOCKS:.*]]: index, %{{.*}}: tensor<64x64xf32>, %{{.*}}: tensor<64x64xbf16>, %[[OUT:[a-z0-9]*]]: memref<?x
// CHECK: %[[NUMBER:.*]], %[[COUNT:.*]] = tile.part
// CHECK: %[[ALL:.*]] = arith.maxsi %[[BLOCKS]],
// CHECK: %[[LESS:.*]] = arith.subi %[[COUNT]],
// CHECK: %[[ROUNDED:.*]] = arith.addi %[[ALL]], %[[LESS]]
// CHECK: %[[SHARE:.*]] = arith.divui %[[ROUNDED]], %[[COUNT]]
// CHECK: %[[BEGIN:.*]] = arith.muli %[[NUMBER]], %[[SHARE]]
// CHECK: %[[FIRST:.*]] = arith.minsi %[[BEGIN]], %[[ALL]]
// CHECK: %[[REST:.*]] = arith.subi %[[ALL]], %[[FIRST]]
// CHECK: %[[MINE:.*]] = arith.minsi %[[SHARE]], %[[REST]]
// CHECK: %[[STATE:.*]]:3 = scf.for %[[I:.*]] = %{{.*}} to %[[MINE]] step
// CHECK: %[[BLOCK:.*]] = arith.addi %[[I]], %[[FIRST]]
// CHECK: memref.store %[[BLOCK]]
// CHECK: %[[ACC:.*]], %[[MAX:.*]], %[[SUM:.*]] = tile.merge_parts %[[STATE]]#0, %[[STATE]]#1, %[[STATE]]#2 part %[[NUMBER]] of %[[COUNT]] scale 5.000000e-01
// CHECK: tile.softmax_finish %[[ACC]], %[[MAX]], %[[SUM]]
// CHECK: %[[ROWS:.*]] = memref.dim %[[OUT]],
// CHECK: %[[IS:.*]] = arith.cmpi eq, %[[NUMBER]],
// CHECK: %[[END:.*]] = arith.select %[[IS]], %[[ROWS]],
// CHECK: tile.store %{{.*}} below %[[END]]
func.func @shared(%blocks: index, %s: tensor<64x64xf32>, %v: tensor<64x64xbf16>, %out: memref<?x?x?x64xbf16, strided<[?, ?, ?, 1]>>, %visited: memref<1xindex>) attributes {tile.plan = #split} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %o = arith.constant dense<0.0> : tensor<64x64xf32>
  %m = arith.constant dense<0xFF800000> : tensor<64xf32>
  %l = tile.empty_sum : !tile.partial<64xf32>
  %r:3 = scf.for %i = %c0 to %blocks step %c1 iter_args(%o0 = %o, %m0 = %m, %l0 = %l) -> (tensor<64x64xf32>, tensor<64xf32>, !tile.partial<64xf32>) {
    memref.store %i, %visited[%c0] : memref<1xindex>
    %o1, %m1, %l1 = tile.softmax_step %s, %v, %o0, %m0, %l0 scale 0.5 : tensor<64x64xf32>, tensor<64x64xbf16>, tensor<64x64xf32>, tensor<64xf32>, !tile.partial<64xf32>
    scf.yield %o1, %m1, %l1 : tensor<64x64xf32>, tensor<64xf32>, !tile.partial<64xf32>
  }
  %f, %lse = tile.softmax_finish %r#0, %r#1, %r#2 scale 0.5 : tensor<64x64xf32>, tensor<64xf32>, !tile.partial<64xf32> -> tensor<64x64xbf16>, tensor<64xf32>
  tile.store %f, %out[%c0, %c0, %c0] : tensor<64x64xbf16>, memref<?x?x?x64xbf16, strided<[?, ?, ?, 1]>>
  return
}

// Rows that end before the tensor still do.
// CHECK-LABEL: func.func @first(
// CHECK-SAME: %[[LAST:[a-z0-9]*]]: index) attributes
// CHECK: %[[END:.*]] = arith.select %{{.*}}, %[[LAST]],
// CHECK: tile.store %{{.*}} below %[[END]]
func.func @first(%blocks: index, %s: tensor<64x64xf32>, %v: tensor<64x64xbf16>, %out: memref<?x?x?x64xbf16, strided<[?, ?, ?, 1]>>, %last: index) attributes {tile.global_first, tile.plan = #first} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %o = arith.constant dense<0.0> : tensor<64x64xf32>
  %m = arith.constant dense<0xFF800000> : tensor<64xf32>
  %l = tile.empty_sum : !tile.partial<64xf32>
  %r:3 = scf.for %i = %c0 to %blocks step %c1 iter_args(%o0 = %o, %m0 = %m, %l0 = %l) -> (tensor<64x64xf32>, tensor<64xf32>, !tile.partial<64xf32>) {
    %o1, %m1, %l1 = tile.softmax_step %s, %v, %o0, %m0, %l0 scale 0.5 : tensor<64x64xf32>, tensor<64x64xbf16>, tensor<64x64xf32>, tensor<64xf32>, !tile.partial<64xf32>
    scf.yield %o1, %m1, %l1 : tensor<64x64xf32>, tensor<64xf32>, !tile.partial<64xf32>
  }
  %f, %lse = tile.softmax_finish %r#0, %r#1, %r#2 scale 0.5 : tensor<64x64xf32>, tensor<64xf32>, !tile.partial<64xf32> -> tensor<64x64xbf16>, tensor<64xf32>
  tile.store %f, %out[%c0, %c0, %c0] below %last : tensor<64x64xbf16>, memref<?x?x?x64xbf16, strided<[?, ?, ?, 1]>>
  return
}

// CHECK-LABEL: func.func @alone(
// CHECK-NOT: = tile.part
func.func @alone(%o: tensor<64x64xf32>, %m: tensor<64xf32>, %l: !tile.partial<64xf32>, %out: memref<?x?x?x64xbf16, strided<[?, ?, ?, 1]>>) attributes {tile.plan = #alone} {
  %c0 = arith.constant 0 : index
  %f, %lse = tile.softmax_finish %o, %m, %l scale 0.5 : tensor<64x64xf32>, tensor<64xf32>, !tile.partial<64xf32> -> tensor<64x64xbf16>, tensor<64xf32>
  tile.store %f, %out[%c0, %c0, %c0] : tensor<64x64xbf16>, memref<?x?x?x64xbf16, strided<[?, ?, ?, 1]>>
  return
}
