// RUN: attn-opt %s --attn-cuda="stop-after=split" | FileCheck %s
// RUN: attn-opt %s --attn-cuda="stop-after=split" --remark-format=emitRemark --remarks-filter=tile-split-ranges -o /dev/null 2>&1 | FileCheck %s --check-prefix=REMARK

// No distance is below 54 and at least 266: though the numbers beside it would take a table, no block is visited.
// REMARK: absent, full and partial key blocks are derived in closed form from the mask region, the band and the lengths, in 0 ranges
// CHECK-LABEL: func.func @attention
// CHECK-NOT: tile.tabulate
// CHECK-NOT: scf.for{{ }}
// CHECK: tile.softmax_finish
func.func @attention(%q: tensor<?x8x?x64xbf16>, %k: tensor<?x8x?x64xbf16>, %v: tensor<?x8x?x64xbf16>, %ids: tensor<?x?xi32>) -> tensor<?x8x?x64xbf16> {
  %out = attn.attention %q, %k, %v captures(%ids) heads(#attn.head_grouping<query = 8, kv = 8>) mask {
  ^bb0(%b: index, %h: index, %i: index, %j: index, %numbers: tensor<?x?xi32>):
    %distance = arith.subi %j, %i : index
    %c54 = arith.constant 54 : index
    %c266 = arith.constant 266 : index
    %near = arith.cmpi slt, %distance, %c54 : index
    %far = arith.cmpi sge, %distance, %c266 : index
    %both = arith.andi %near, %far : i1
    %mine = tensor.extract %numbers[%b, %i] : tensor<?x?xi32>
    %other = tensor.extract %numbers[%b, %j] : tensor<?x?xi32>
    %same = arith.cmpi eq, %mine, %other : i32
    %allowed = arith.andi %both, %same : i1
    attn.yield %allowed : i1
  } : (tensor<?x8x?x64xbf16>, tensor<?x8x?x64xbf16>, tensor<?x8x?x64xbf16>, tensor<?x?xi32>) -> tensor<?x8x?x64xbf16>
  return %out : tensor<?x8x?x64xbf16>
}
