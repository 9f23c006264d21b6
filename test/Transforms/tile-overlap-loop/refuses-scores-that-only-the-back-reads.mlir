// RUN: attn-opt %s --attn-cuda="stop-after=specialized" | sed 's/math.exp2/math.absf/' | attn-opt --tile-overlap-loop --remark-format=emitRemark --remarks-filter=tile-overlap-loop -o /dev/null 2>&1 | FileCheck %s

// With something short in the place of exponentials nothing but the product with values reads what becomes of the scores, so there is
// no front for it to run beside.
// CHECK: the loop is not one product of scores and one accumulating product; products run in place
func.func @softcap(%q: tensor<?x8x?x64xbf16>, %k: tensor<?x8x?x64xbf16>, %v: tensor<?x8x?x64xbf16>) -> tensor<?x8x?x64xbf16>
    attributes {tile.plan = #tile.plan<target = "sm_90a", query_tile = 128, kv_tile = 128, warpgroups = 2, stages = 2, overlap = true, ping_pong = false, rescale_threshold = 15, sum_column = true>} {
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 8>) softcap(50.0)
      : (tensor<?x8x?x64xbf16>, tensor<?x8x?x64xbf16>, tensor<?x8x?x64xbf16>) -> tensor<?x8x?x64xbf16>
  return %out : tensor<?x8x?x64xbf16>
}
