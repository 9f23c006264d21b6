// RUN: not attn-opt %s 2>&1 | FileCheck %s

// 65536 registers are 168 for each of 384 threads, in steps of 8: 504 for three warpgroups together.
// CHECK: error: 'tile.roles' op expects registers of at most 504 for a thread of each of its 3 warpgroups together, which is what the block is launched with, got 512
func.func @roles() {
  tile.roles registers(48, 232) producer {
  } consumers(2) {
  }
  return
}
