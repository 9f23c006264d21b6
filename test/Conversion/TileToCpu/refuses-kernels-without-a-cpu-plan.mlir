// RUN: not attn-opt %s --convert-tile-to-cpu 2>&1 | FileCheck %s

// CHECK: error: 'func.func' op expects a plan for a CPU
func.func @kernel(%q: memref<?x?x?x16xbf16, strided<[?, ?, ?, 1]>>) {
  return
}
