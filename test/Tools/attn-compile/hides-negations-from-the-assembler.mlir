// ptxas 13.0 loses the negation of a number in a maximum of three, so PTX has none (lib/Emit/Ptx.cpp).
// RUN: attn-compile %s --target=sm_90a --emit=ptx -o - | FileCheck %s

// CHECK: .visible .entry attention(
// CHECK: .param .align 8 .b8 [[ARGUMENTS:attention_param_[0-9]+]][
// CHECK: ld.param.b32 %zero, {{\[}}[[ARGUMENTS]]+12];
// CHECK: shr.u32 %zero, %zero, 31;
// CHECK-NOT: neg.s32
// CHECK: sub.s32 %r{{[0-9]+}}, %zero, %r{{[0-9]+}};
// CHECK-NOT: neg.s32
// CHECK: ret;

func.func @attention(%q: tensor<?x4x?x64xbf16>, %k: tensor<2x4x?x64xbf16>, %v: tensor<2x4x?x64xbf16>, %ids: tensor<2x?xi32>,
                     %offsets: tensor<3xi32>) -> tensor<?x4x?x64xbf16> {
  %out = attn.attention %q, %k, %v
      heads(#attn.head_grouping<query = 4, kv = 4>)
      packed(query = %offsets)
      documents(%ids)
      mask {
      ^bb0(%b: index, %h: index, %i: index, %j: index):
        %shift = arith.constant 4 : index
        %size = arith.constant 128 : index
        %later = arith.addi %i, %shift : index
        %from = arith.floordivsi %later, %size : index
        %to = arith.floordivsi %j, %size : index
        %same = arith.cmpi eq, %from, %to : index
        attn.yield %same : i1
      }
      : (tensor<?x4x?x64xbf16>, tensor<2x4x?x64xbf16>, tensor<2x4x?x64xbf16>, tensor<2x?xi32>, tensor<3xi32>) -> tensor<?x4x?x64xbf16>
  return %out : tensor<?x4x?x64xbf16>
}
