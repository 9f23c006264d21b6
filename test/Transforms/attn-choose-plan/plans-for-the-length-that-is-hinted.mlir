// The cost model and tables plan for the hinted number of keys where the spec leaves it open: short sequences of head_dim 64 take
// two warpgroups.
// RUN: attn-opt %s --attn-cuda="stop-after=planned length-hint=256" --remark-format=emitRemark --remarks-filter=attn-choose-plan -o /dev/null 2>&1 | FileCheck %s --check-prefix=SHORT
// RUN: attn-opt %s --attn-cuda="stop-after=planned length-hint=8192" --remark-format=emitRemark --remarks-filter=attn-choose-plan -o /dev/null 2>&1 | FileCheck %s --check-prefix=LONG
// RUN: attn-opt %s --attn-cuda="stop-after=planned" --remark-format=emitRemark --remarks-filter=attn-choose-plan -o /dev/null 2>&1 | FileCheck %s --check-prefix=UNKNOWN
// SHORT: kv_tile = 64, warpgroups = 2,{{.*}}>, from the compiler's table, entry head_dim 64/64, causal, bf16, group 1, length 256; runner-up #tile.plan<
// LONG: kv_tile = 64, warpgroups = 4,{{.*}}>, from the compiler's table, entry head_dim 64/64, causal, bf16, group 1, length 8192
// UNKNOWN: kv_tile = 64, warpgroups = 4,{{.*}}>, from the compiler's table, entry head_dim 64/64, causal, bf16, group 1;
func.func @f(%q: tensor<?x32x?x64xbf16>, %k: tensor<?x32x?x64xbf16>, %v: tensor<?x32x?x64xbf16>) -> tensor<?x32x?x64xbf16> {
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 32, kv = 32>) causality(#attn.causality<bottom_right>)
      : (tensor<?x32x?x64xbf16>, tensor<?x32x?x64xbf16>, tensor<?x32x?x64xbf16>) -> tensor<?x32x?x64xbf16>
  return %out : tensor<?x32x?x64xbf16>
}
