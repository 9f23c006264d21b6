// RUN: attn-opt %s --split-input-file --attn-cuda="stop-after=planned length-hint=4096" --remark-format=emitRemark --remarks-filter=attn-choose-plan -o /dev/null 2>&1 | FileCheck %s --check-prefix=SAME
// RUN: attn-opt %s --split-input-file --attn-cuda="stop-after=planned length-hint=16384" --remark-format=emitRemark --remarks-filter=attn-choose-plan -o /dev/null 2>&1 | FileCheck %s

// Sums of rounded weights are not the log-sum-exp's, so a kernel that stores it has none of them, and takes a plan that was measured
// without: one of the same key behind it, if there is one, which others do not see, or else the next.
// SAME: query_tile = 256, {{.*}}sum_column = true>, from the compiler's table, {{.*}}, length 4096; runner-up #tile.plan<{{.*}}length {{2048|8192}}
// SAME: query_tile = 256, {{.*}}staged_stores = true>, from the compiler's table, {{.*}}, length 4096
// CHECK: sum_column = true>, from the compiler's table, entry head_dim 64/64, all, bf16, group 1, length 16384
func.func @alone(%q: tensor<?x32x?x64xbf16>, %k: tensor<?x32x?x64xbf16>, %v: tensor<?x32x?x64xbf16>) -> tensor<?x32x?x64xbf16> {
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 32, kv = 32>)
      : (tensor<?x32x?x64xbf16>, tensor<?x32x?x64xbf16>, tensor<?x32x?x64xbf16>) -> tensor<?x32x?x64xbf16>
  return %out : tensor<?x32x?x64xbf16>
}

// -----

// CHECK: query_tile = 192, kv_tile = 112, {{.*}}staged_stores = true>, from the compiler's table, entry head_dim 64/64, all, bf16, group 1, length 8192
func.func @stored(%q: tensor<?x32x?x64xbf16>, %k: tensor<?x32x?x64xbf16>, %v: tensor<?x32x?x64xbf16>) -> (tensor<?x32x?x64xbf16>, tensor<?x32x?xf32>) {
  %out, %lse = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 32, kv = 32>)
      : (tensor<?x32x?x64xbf16>, tensor<?x32x?x64xbf16>, tensor<?x32x?x64xbf16>) -> (tensor<?x32x?x64xbf16>, tensor<?x32x?xf32>)
  return %out, %lse : tensor<?x32x?x64xbf16>, tensor<?x32x?xf32>
}
