// RUN: attn-opt %s --attn-cuda="stop-after=overlapped" | FileCheck %s

// Bounded scores whose sums the product makes: nothing but the back reads the exponentials, and yet they run beside it. Their
// rounding waits for the registers that it reads.
// CHECK-LABEL: func.func @softcap
// CHECK: scf.for %{{.*}} iter_args({{.*}}) -> (tensor<128x72xf32, {{.*}}>, tensor<128x128xbf16, {{.*}}>)
// CHECK: %[[S:.*]] = tile.issue_mma {{.*}} transpose_b
// CHECK: %[[O:.*]] = tile.issue_mma %{{.*}} beside
// CHECK: tile.await %[[S]]
// CHECK: %[[P:.*]] = math.exp2 %{{.*}} : tensor<128x128xf32
// CHECK: tile.await %[[O]]
// CHECK: arith.truncf %[[P]]
func.func @softcap(%q: tensor<?x8x?x64xbf16>, %k: tensor<?x8x?x64xbf16>, %v: tensor<?x8x?x64xbf16>) -> tensor<?x8x?x64xbf16>
    attributes {tile.plan = #tile.plan<target = "sm_90a", query_tile = 128, kv_tile = 128, warpgroups = 2, stages = 2, overlap = true, ping_pong = false, rescale_threshold = 15, sum_column = true>} {
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 8>) softcap(50.0)
      : (tensor<?x8x?x64xbf16>, tensor<?x8x?x64xbf16>, tensor<?x8x?x64xbf16>) -> tensor<?x8x?x64xbf16>
  return %out : tensor<?x8x?x64xbf16>
}
