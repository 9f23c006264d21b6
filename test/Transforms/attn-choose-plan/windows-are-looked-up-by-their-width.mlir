// RUN: attn-opt %s --split-input-file --attn-cuda="stop-after=planned length-hint=8192" --remark-format=emitRemark --remarks-filter=attn-choose-plan -o /dev/null 2>&1 | FileCheck %s
// RUN: attn-opt %s --split-input-file --attn-cuda="stop-after=planned" --remark-format=emitRemark --remarks-filter=attn-choose-plan -o /dev/null 2>&1 | FileCheck %s
// RUN: attn-opt %s --split-input-file --attn-cuda="stop-after=planned length-hint=200" --remark-format=emitRemark --remarks-filter=attn-choose-plan -o /dev/null 2>&1 | FileCheck %s --check-prefix=SHORT

// Programs under a window have as many keys as a query sees, however many there are.
// CHECK: kv_tile = 64, warpgroups = 3, {{.*}}>, from the compiler's table, entry head_dim 128/128, window, bf16, group 1, length 1024;
// SHORT: >, from the compiler's table, entry head_dim 128/128, window, bf16, group 1, length 256;
func.func @wide(%q: tensor<?x16x?x128xbf16>, %k: tensor<?x16x?x128xbf16>, %v: tensor<?x16x?x128xbf16>) -> tensor<?x16x?x128xbf16> {
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 16, kv = 16>) causality(#attn.causality<bottom_right, left = 1023>)
      : (tensor<?x16x?x128xbf16>, tensor<?x16x?x128xbf16>, tensor<?x16x?x128xbf16>) -> tensor<?x16x?x128xbf16>
  return %out : tensor<?x16x?x128xbf16>
}

// -----

// CHECK: kv_tile = 128, warpgroups = 2, {{.*}}>, from the compiler's table, entry head_dim 128/128, window, bf16, group 1, length 256;
func.func @both_sides(%q: tensor<?x16x?x128xbf16>, %k: tensor<?x16x?x128xbf16>, %v: tensor<?x16x?x128xbf16>) -> tensor<?x16x?x128xbf16> {
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 16, kv = 16>) causality(#attn.causality<none, left = 100, right = 90>)
      : (tensor<?x16x?x128xbf16>, tensor<?x16x?x128xbf16>, tensor<?x16x?x128xbf16>) -> tensor<?x16x?x128xbf16>
  return %out : tensor<?x16x?x128xbf16>
}

// -----

// At head_dim 64 several blocks share a multiprocessor where windows are narrow.
// CHECK: residency = 3{{.*}}>, from the compiler's table, entry head_dim 64/64, window, bf16, group 1, length 2048
func.func @narrow(%q: tensor<?x16x?x64xbf16>, %k: tensor<?x16x?x64xbf16>, %v: tensor<?x16x?x64xbf16>) -> tensor<?x16x?x64xbf16> {
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 16, kv = 16>) causality(#attn.causality<bottom_right, left = 1023>)
      : (tensor<?x16x?x64xbf16>, tensor<?x16x?x64xbf16>, tensor<?x16x?x64xbf16>) -> tensor<?x16x?x64xbf16>
  return %out : tensor<?x16x?x64xbf16>
}
