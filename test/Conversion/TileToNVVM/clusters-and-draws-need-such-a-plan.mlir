// RUN: attn-opt %s --convert-tile-to-nvvm --split-input-file --verify-diagnostics

func.func @copies(%k: memref<?x?x?x64xbf16, strided<[?, ?, ?, 1]>>) attributes {tile.plan = #tile.plan<target = "sm_90a", query_tile = 64, kv_tile = 48, warpgroups = 1, stages = 2, overlap = true, ping_pong = false, persistent = true>} {
  %c0 = arith.constant 0 : index
  %ring = tile.alloc_ring at 2048 : !tile.ring<2, 48x64xbf16>
  %full = tile.alloc_barriers arrivals 1 at 26624 : !tile.barriers<2>
  tile.roles registers(24, 240) producer {
    // expected-error @+1 {{expects a plan with cluster = 2, got 1}}
    tile.copy %k[%c0, %c0, %c0] to %ring[%c0] signal %full[%c0] multicast 2 : memref<?x?x?x64xbf16, strided<[?, ?, ?, 1]>>, !tile.ring<2, 48x64xbf16>, !tile.barriers<2>
  } consumers(1) {
  }
  return
}

// -----

func.func @arrives(%k: memref<?x?x?x64xbf16, strided<[?, ?, ?, 1]>>) attributes {tile.plan = #tile.plan<target = "sm_90a", query_tile = 64, kv_tile = 48, warpgroups = 1, stages = 2, overlap = true, ping_pong = false, persistent = true>} {
  %c0 = arith.constant 0 : index
  %empty = tile.alloc_barriers arrivals 1 at 26624 : !tile.barriers<2>
  tile.roles registers(24, 240) producer {
  } consumers(1) {
    // expected-error @+1 {{expects a plan with cluster = 4, got 1}}
    tile.arrive %empty[%c0] multicast 4 : !tile.barriers<2>
  }
  return
}

// -----

func.func @draws(%k: memref<?x?x?x64xbf16, strided<[?, ?, ?, 1]>>) attributes {tile.plan = #tile.plan<target = "sm_90a", query_tile = 64, kv_tile = 48, warpgroups = 1, stages = 2, overlap = true, ping_pong = false, persistent = true>} {
  %c0 = arith.constant 0 : index
  tile.roles registers(24, 240) producer {
    // expected-error @+1 {{expects a plan with dynamic = true, got false}}
    %next = tile.draw after %c0 dealt %c0 first %c0 draws %c0
  } consumers(1) {
  }
  return
}
