// RUN: attn-opt %s --tile-verify-stage=stage=tiled -split-input-file -verify-diagnostics

func.func @left(%q: tensor<1x8x4x64xf16>, %k: tensor<1x8x4x64xf16>, %v: tensor<1x8x4x64xf16>) -> tensor<1x8x4x64xf16>
    attributes {tile.plan = #tile.plan<target = "cpu", query_tile = 64, kv_tile = 64, warpgroups = 0, stages = 0, overlap = false, ping_pong = false>} {
  // expected-error @+1 {{must be gone from stage tiled on}}
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 8>)
      : (tensor<1x8x4x64xf16>, tensor<1x8x4x64xf16>, tensor<1x8x4x64xf16>) -> tensor<1x8x4x64xf16>
  return %out : tensor<1x8x4x64xf16>
}

// -----

// expected-error @+1 {{must have a plan from stage planned on}}
func.func @unplanned() {
  return
}
