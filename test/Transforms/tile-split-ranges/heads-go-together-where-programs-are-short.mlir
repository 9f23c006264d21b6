// RUN: attn-opt %examples/document.mlir --pass-pipeline='builtin.module(attn-cuda{stop-after=split})' | FileCheck %s --check-prefix=SHORT
// RUN: attn-opt %examples/bigbird.mlir --pass-pipeline='builtin.module(attn-cuda{stop-after=split})' | FileCheck %s --check-prefix=TABLE
// RUN: attn-opt %examples/prefix.mlir --pass-pipeline='builtin.module(attn-cuda{stop-after=split})' | FileCheck %s --check-prefix=LONG
// RUN: attn-opt %s --pass-pipeline='builtin.module(attn-cuda{stop-after=split})' | FileCheck %s --check-prefix=BAND

// Where blocks share a multiprocessor, the last ones to start are of all heads; not where a table says which keys a program reads.
// SHORT: tile.global_first
// SHORT-SAME: tile.heads_together
// SHORT-SAME: residency = 2
// TABLE: tile.global_first
// TABLE-NOT: tile.heads_together
// LONG: tile.global_first
// LONG-NOT: tile.heads_together

// A window alone has no first tile that visits all keys, so its blocks keep the order of their numbers.
// BAND: func.func @window
// BAND-NOT: tile.heads_together
// BAND: residency = 3
func.func @window(%q: tensor<?x8x?x64xbf16>, %k: tensor<?x8x?x64xbf16>, %v: tensor<?x8x?x64xbf16>) -> tensor<?x8x?x64xbf16> {
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 8>) causality(#attn.causality<bottom_right, left = 1023>)
      : (tensor<?x8x?x64xbf16>, tensor<?x8x?x64xbf16>, tensor<?x8x?x64xbf16>) -> tensor<?x8x?x64xbf16>
  return %out : tensor<?x8x?x64xbf16>
}
