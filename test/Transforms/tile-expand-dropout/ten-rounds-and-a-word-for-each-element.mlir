// RUN: attn-opt %s --pass-pipeline='builtin.module(func.func(tile-expand-dropout))' | FileCheck %s

// Counters are the same for four elements, which then take one word each. Round keys of a known seed are constants.
// CHECK-LABEL: func.func @constant
// CHECK-DAG: %[[KEY:.*]] = tile.indices column %{{.*}} clear 8 : tensor<64x32xi32>
// CHECK-DAG: %[[QUERY:.*]] = tile.indices row %{{.*}} clear 8 : tensor<64x32xi32>
// CHECK: %[[A:.*]] = arith.constant dense<-766435501> : tensor<64x32xi32>
// CHECK: arith.mului_extended %[[KEY]], %[[A]]
// CHECK: arith.mului_extended
// CHECK: arith.xori
// CHECK-COUNT-18: arith.mului_extended
// CHECK-NOT: arith.mului_extended
// CHECK: %[[WORD:.*]] = tile.deal
// CHECK: %[[T:.*]] = arith.constant dense<429496730> : tensor<64x32xi32>
// CHECK: arith.cmpi uge, %[[WORD]], %[[T]]
// CHECK-NOT: tile.keep
func.func @constant(%b: index, %h: index, %q: index, %k: index) -> tensor<64x32xi1> {
  %keep = tile.keep [%b, %h, %q, %k] threshold 429496730 seed 7 : tensor<64x32xi1>
  return %keep : tensor<64x32xi1>
}

// CHECK-LABEL: func.func @read
// CHECK-COUNT-2: tile.gather
// CHECK: arith.mului_extended
func.func @read(%b: index, %h: index, %q: index, %k: index, %s: memref<?xi32, strided<[?]>>) -> tensor<64x32xi1> {
  %keep = tile.keep [%b, %h, %q, %k] threshold 5 seed_from %s : memref<?xi32, strided<[?]>> -> tensor<64x32xi1>
  return %keep : tensor<64x32xi1>
}

// No word of 32 bits reaches 2^32.
// CHECK-LABEL: func.func @nothing
// CHECK-NEXT: arith.constant dense<false>
// CHECK-NEXT: return
func.func @nothing(%b: index, %h: index, %q: index, %k: index) -> tensor<64x32xi1> {
  %keep = tile.keep [%b, %h, %q, %k] threshold 4294967296 seed 7 : tensor<64x32xi1>
  return %keep : tensor<64x32xi1>
}
