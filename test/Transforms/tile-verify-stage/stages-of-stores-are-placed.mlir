// RUN: attn-opt %s --tile-verify-stage=stage=placed -verify-diagnostics

func.func @stage() attributes {tile.plan = #tile.plan<target = "sm_90a", query_tile = 64, kv_tile = 64, warpgroups = 1, stages = 2, overlap = true, ping_pong = false>} {
  // expected-error @+1 {{must have an offset in shared memory from stage placed on}}
  %s = tile.alloc_shared : !tile.shared<64x80xf16>
  return
}
