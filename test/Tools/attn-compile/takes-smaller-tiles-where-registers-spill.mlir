// REQUIRES: ptxas
// RUN: attn-compile %s --target=sm_90a --emit=cubin -o %t.cubin --remarks 2>&1 | FileCheck %s

// How many registers a region takes the assembler tells: the plan that was chosen is a first try.
// CHECK: plan: the one chosen spills {{[0-9]+}} bytes of registers; next is #tile.plan<{{.*}}kv_tile = 32,
// CHECK: attn-choose-plan: plan: #tile.plan<{{.*}}kv_tile = 32,
func.func @attention(%q: tensor<?x?x128x256xbf16>, %k: tensor<?x?x128x256xbf16>, %v: tensor<1x?x128x256xbf16>, %ids: tensor<1x?xi32>)
    -> (tensor<?x?x128x256xbf16>, tensor<?x?x128xf32>) {
  %out, %lse = attn.attention %q, %k, %v
      heads(#attn.head_grouping<query = 2, kv = 2>)
      causality(#attn.causality<bottom_right>)
      documents(%ids)
      score {
      ^bb0(%s: f32, %b: index, %h: index, %i: index, %j: index):
        %x1 = arith.constant 5.000000000e+00 : f32
        %x2 = arith.divf %s, %x1 : f32
        %x3 = math.tanh %x2 : f32
        %x4 = arith.mulf %x3, %x1 : f32
        %x5 = arith.constant -42 : index
        %x6 = arith.addi %i, %x5 : index
        %x7 = arith.constant 128 : index
        %x8 = arith.floordivsi %x6, %x7 : index
        %x9 = arith.constant 128 : index
        %x10 = arith.floordivsi %j, %x9 : index
        %x11 = arith.cmpi eq, %x8, %x10 : index
        %x12 = arith.constant 2 : index
        %x13 = arith.addi %i, %x12 : index
        %x14 = arith.constant 16 : index
        %x15 = arith.floordivsi %x13, %x14 : index
        %x16 = arith.constant 16 : index
        %x17 = arith.floordivsi %j, %x16 : index
        %x18 = arith.cmpi eq, %x15, %x17 : index
        %x19 = arith.andi %x11, %x18 : i1
        %x20 = arith.constant 330 : index
        %x21 = arith.cmpi slt, %j, %x20 : index
        %x22 = arith.xori %x19, %x21 : i1
        %x23 = arith.constant 1.500000000e+00 : f32
        %x24 = arith.subf %x4, %x23 : f32
        %x25 = arith.select %x22, %x4, %x24 : f32
        attn.yield %x25 : f32
      }
      mask {
      ^bb0(%b: index, %h: index, %i: index, %j: index):
        %x1 = arith.subi %j, %i : index
        %x2 = arith.constant 14 : index
        %x3 = arith.cmpi sge, %x1, %x2 : index
        %x4 = arith.constant 7 : index
        %x5 = arith.addi %i, %x4 : index
        %x6 = arith.constant 33 : index
        %x7 = arith.floordivsi %x5, %x6 : index
        %x8 = arith.constant 33 : index
        %x9 = arith.floordivsi %j, %x8 : index
        %x10 = arith.cmpi eq, %x7, %x9 : index
        %x11 = arith.andi %x3, %x10 : i1
        %x12 = arith.constant -31 : index
        %x13 = arith.addi %i, %x12 : index
        %x14 = arith.constant 16 : index
        %x15 = arith.floordivsi %x13, %x14 : index
        %x16 = arith.constant 16 : index
        %x17 = arith.floordivsi %j, %x16 : index
        %x18 = arith.cmpi eq, %x15, %x17 : index
        %x19 = arith.xori %x11, %x18 : i1
        attn.yield %x19 : i1
      }
      : (tensor<?x?x128x256xbf16>, tensor<?x?x128x256xbf16>, tensor<1x?x128x256xbf16>, tensor<1x?xi32>)
      -> (tensor<?x?x128x256xbf16>, tensor<?x?x128xf32>)
  return %out, %lse : tensor<?x?x128x256xbf16>, tensor<?x?x128xf32>
}
