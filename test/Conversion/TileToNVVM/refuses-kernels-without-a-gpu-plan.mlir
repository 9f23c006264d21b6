// RUN: attn-opt %s --convert-tile-to-nvvm --split-input-file --verify-diagnostics

// expected-error @below {{expects a plan for a GPU}}
func.func @kernel(%lse: memref<?x?x?xf32, strided<[?, ?, ?]>>) attributes {tile.plan = #tile.plan<target = "cpu", query_tile = 64, kv_tile = 64, warpgroups = 0, stages = 0, overlap = false, ping_pong = false>} {
  return
}

// -----

// expected-error @below {{expects a plan for a GPU}}
func.func @kernel(%lse: memref<?x?x?xf32, strided<[?, ?, ?]>>) {
  return
}
