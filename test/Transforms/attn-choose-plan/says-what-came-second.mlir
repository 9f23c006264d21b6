// The table of the compiler has no entry for head_dim 64 with values of 128.
// RUN: attn-opt %s --attn-cuda="stop-after=planned" --split-input-file --remark-format=emitRemark --remarks-filter=attn-choose-plan -o /dev/null 2>&1 | FileCheck %s

// CHECK: Remark="#tile.plan<{{[^>]*}}>, the largest tiles, since the length is not known; by the cost model, {{[0-9]+}} TFLOP/s at 8192 keys, bound by {{.*}}; runner-up #tile.plan<{{[^>]*}}>, {{[0-9]+}} TFLOP/s
func.func @unknown(%q: tensor<?x8x?x64xf16>, %k: tensor<?x8x?x64xf16>, %v: tensor<?x8x?x128xf16>) -> tensor<?x8x?x128xf16> {
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 8>)
      : (tensor<?x8x?x64xf16>, tensor<?x8x?x64xf16>, tensor<?x8x?x128xf16>) -> tensor<?x8x?x128xf16>
  return %out : tensor<?x8x?x128xf16>
}

// -----

// CHECK: Remark="#tile.plan<{{[^>]*}}>, by the cost model, {{[0-9]+}} TFLOP/s at 500 keys, bound by {{.*}}
func.func @known(%q: tensor<?x8x?x64xf16>, %k: tensor<?x8x500x64xf16>, %v: tensor<?x8x500x128xf16>) -> tensor<?x8x?x128xf16> {
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 8>)
      : (tensor<?x8x?x64xf16>, tensor<?x8x500x64xf16>, tensor<?x8x500x128xf16>) -> tensor<?x8x?x128xf16>
  return %out : tensor<?x8x?x128xf16>
}
