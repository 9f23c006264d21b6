// RUN: attn-opt %s --pass-pipeline='builtin.module(func.func(tile-place-shared))' -verify-diagnostics

// expected-error @+2 {{expects at most 232448 bytes of shared memory, got 294912: !tile.ring<1, 128x128xf16> 32768 bytes, !tile.ring<4, 256x128xf16> 262144 bytes}}
// expected-note @+1 {{lower kv_tile, query_tile or stages in the plan}}
func.func @too_large() {
  %q = tile.alloc_ring : !tile.ring<1, 128x128xf16>
  %k = tile.alloc_ring : !tile.ring<4, 256x128xf16>
  return
}
