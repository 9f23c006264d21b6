// RUN: attn-opt %examples/document.mlir --pass-pipeline='builtin.module(attn-cuda{stop-after=split})' | FileCheck %s
// RUN: attn-opt %examples/document.mlir --attn-cuda | FileCheck %s --check-prefix=GPU

// Searches outside of the loop over keys: for the first key of the document of the tile's first query, and for the first key
// behind the document of its last query.
// CHECK-LABEL: func.func @document
// CHECK: scf.forall
// CHECK: %[[FIRST:.*]] = tile.element %[[IDS:[a-z0-9]+]][
// CHECK: tile.search %[[IDS]][
// CHECK: scf.for
// CHECK-NOT: tile.search
// GPU: llvm.func @document
