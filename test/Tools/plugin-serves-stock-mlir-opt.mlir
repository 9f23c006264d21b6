// Stock mlir-opt has no sanitizer's runtime.
// UNSUPPORTED: sanitizer
// REQUIRES: mlir-opt
// RUN: mlir-opt --load-dialect-plugin=%lib/AttnPlugin.so --load-pass-plugin=%lib/AttnPlugin.so %s \
// RUN:   --pass-pipeline='builtin.module(func.func(attn-choose-plan{target=cpu},attn-tile-attention))' | FileCheck %s

// A stock mlir-opt parses the dialects and runs the passes by name.
// CHECK-LABEL: func.func @f
// CHECK: tile.softmax_step
func.func @f(%q: tensor<?x8x?x64xf16>, %k: tensor<?x8x?x64xf16>, %v: tensor<?x8x?x64xf16>) -> tensor<?x8x?x64xf16> {
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 8>)
      : (tensor<?x8x?x64xf16>, tensor<?x8x?x64xf16>, tensor<?x8x?x64xf16>) -> tensor<?x8x?x64xf16>
  return %out : tensor<?x8x?x64xf16>
}
