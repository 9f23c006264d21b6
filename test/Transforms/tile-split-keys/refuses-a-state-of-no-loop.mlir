// RUN: attn-opt %s --pass-pipeline='builtin.module(func.func(tile-split-keys))' --verify-diagnostics

#split = #tile.plan<target = "sm_90a", query_tile = 64, kv_tile = 64, warpgroups = 1, stages = 2, overlap = true, ping_pong = false, split = 4>
func.func @given(%o: tensor<64x64xf32>, %m: tensor<64xf32>, %l: !tile.partial<64xf32>) -> tensor<64x64xbf16> attributes {tile.plan = #split} {
  // expected-error @+1 {{expects the state of a loop over key blocks that stands beside it}}
  %f, %lse = tile.softmax_finish %o, %m, %l scale 0.5 : tensor<64x64xf32>, tensor<64xf32>, !tile.partial<64xf32> -> tensor<64x64xbf16>, tensor<64xf32>
  return %f : tensor<64x64xbf16>
}
