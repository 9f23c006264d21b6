// RUN: attn-opt %s --pass-pipeline='builtin.module(attn-cuda{stop-after=split})' | FileCheck %s
// RUN: attn-opt %s --attn-cuda > /dev/null
// RUN: attn-opt %s --attn-cpu > /dev/null

// What a mask region reads at the same place for all pairs of a tile bounds the loop over keys, so that the producer needs
// it too: it is one value without effects, which each role can repeat.
// CHECK-LABEL: func @lengths
// CHECK: scf.forall (%[[B:.*]], %{{.*}}, %{{.*}}) in
// CHECK: tile.element %{{.*}}[%[[B]]] : memref<?xi32, strided<[?]>> -> i32
// CHECK: scf.for
func.func @lengths(%q: tensor<?x8x?x64xbf16>, %k: tensor<?x8x?x64xbf16>, %v: tensor<?x8x?x64xbf16>, %l: tensor<?xi32>)
    -> tensor<?x8x?x64xbf16> {
  %out = attn.attention %q, %k, %v captures(%l) heads(#attn.head_grouping<query = 8, kv = 8>)
      mask {
      ^bb0(%b: index, %h: index, %i: index, %j: index, %lengths: tensor<?xi32>):
        %length = tensor.extract %lengths[%b] : tensor<?xi32>
        %key = arith.index_cast %j : index to i32
        %inside = arith.cmpi slt, %key, %length : i32
        attn.yield %inside : i1
      }
      : (tensor<?x8x?x64xbf16>, tensor<?x8x?x64xbf16>, tensor<?x8x?x64xbf16>, tensor<?xi32>) -> tensor<?x8x?x64xbf16>
  return %out : tensor<?x8x?x64xbf16>
}
