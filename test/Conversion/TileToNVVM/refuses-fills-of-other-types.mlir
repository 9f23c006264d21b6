// RUN: attn-opt %s --convert-tile-to-nvvm --verify-diagnostics

func.func @kernel() attributes {tile.plan = #tile.plan<target = "sm_90a", query_tile = 64, kv_tile = 16, warpgroups = 1, stages = 1, overlap = true, ping_pong = false>} {
  // expected-error @+1 {{expects elements of f16 or bf16 to fill, got 'f32'}}
  %ones = tile.alloc_shared fill 1.0 at 0 : !tile.shared<16x8xf32>
  %full = tile.alloc_barriers arrivals 1 at 2048 : !tile.barriers<1>
  tile.roles registers(24, 240) producer {
  } consumers(1) {
  }
  return
}
