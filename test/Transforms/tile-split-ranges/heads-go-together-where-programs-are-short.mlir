// RUN: attn-opt %examples/document.mlir --pass-pipeline='builtin.module(attn-cuda{stop-after=split})' | FileCheck %s --check-prefix=SHORT
// RUN: attn-opt %examples/bigbird.mlir --pass-pipeline='builtin.module(attn-cuda{stop-after=split})' | FileCheck %s --check-prefix=TABLE
// RUN: attn-opt %examples/prefix.mlir --pass-pipeline='builtin.module(attn-cuda{stop-after=split})' | FileCheck %s --check-prefix=LONG

// Where blocks share a multiprocessor, the last ones to start are of all heads; not where a table says which keys a program reads.
// SHORT: tile.global_first
// SHORT-SAME: tile.heads_together
// SHORT-SAME: residency = 2
// TABLE: tile.global_first
// TABLE-NOT: tile.heads_together
// LONG: tile.global_first
// LONG-NOT: tile.heads_together
