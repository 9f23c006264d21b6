// RUN: not attn-opt %s --split-input-file 2>&1 | FileCheck %s

// 65536 registers are 168 for each of 384 threads, in steps of 8: 504 for three warpgroups together.
// CHECK: error: 'tile.roles' op expects registers of at most 504 for a thread of each of its 3 warpgroups together, which is what the block is launched with, got 512
func.func @roles() {
  tile.roles registers(48, 232) producer {
  } consumers(2) {
  }
  return
}

// -----

// Two blocks share them: 32768 are 128 for each of 256 threads.
// CHECK: error: 'tile.roles' op expects registers of at most 256 for a thread of each of its 2 warpgroups together, which is what the block is launched with, got 264
func.func @shared() attributes {tile.plan = #tile.plan<target = "sm_90a", query_tile = 64, kv_tile = 64, warpgroups = 1, stages = 3, overlap = true, ping_pong = false, residency = 2>} {
  tile.roles registers(24, 240) producer {
  } consumers(1) {
  }
  return
}
