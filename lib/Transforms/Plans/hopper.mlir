// Plans for sm_90a, for attn-choose-plan. Its form is that of attn/Transforms/Plans.h. Measured on one NVIDIA H100 80GB HBM3 (700 W,
// CUDA 13.0), 2026-11-25, at commit 9b5db0b, since no H200 was to be had:
//   attn-tune --time=190 --tiles=8 --switched=3 --finalists=3 --rounds=5 --space='warpgroups = 2 3; kv_tile = 64 80 96 112 128 144
//     160 176; stages = 2 3; overlap = true; ping_pong = false true; persistent = true false; keys_first = false true'
// 16384 tokens a launch, bf16. A plan that won by less than 1.3 %, which is within the spread, has not replaced the cost
// model's; nor has a plan for all lengths that loses at long ones. TFLOP/s of the plan stand first, then those of the cost model's.
[
  // 376.3 TFLOP/s; the cost model's choice 323.3
  {head_dim = 64, value_dim = 64, mask = "all", type = bf16, length = 512,
   plan = #tile.plan<target = "sm_90a", query_tile = 128, kv_tile = 128, warpgroups = 2, stages = 3, overlap = true, ping_pong = false, persistent = true, rescale_threshold = 15>},
  // 429.8; 416.2
  {head_dim = 64, value_dim = 64, mask = "all", type = bf16, length = 1024,
   plan = #tile.plan<target = "sm_90a", query_tile = 128, kv_tile = 128, warpgroups = 2, stages = 2, overlap = true, ping_pong = false, persistent = true, rescale_threshold = 15, keys_first = true>},
  // 480.2, the cost model's choice
  {head_dim = 64, value_dim = 64, mask = "all", type = bf16, length = 2048,
   plan = #tile.plan<target = "sm_90a", query_tile = 192, kv_tile = 96, warpgroups = 3, stages = 2, overlap = true, ping_pong = false, persistent = true, rescale_threshold = 15, keys_first = true>},
  // 534.5, the cost model's choice
  {head_dim = 64, value_dim = 64, mask = "all", type = bf16, length = 8192,
   plan = #tile.plan<target = "sm_90a", query_tile = 192, kv_tile = 96, warpgroups = 3, stages = 2, overlap = true, ping_pong = false, persistent = true, rescale_threshold = 15, keys_first = true>},
  // 531.0, the cost model's choice; not persistent 545.0
  {head_dim = 64, value_dim = 64, mask = "all", type = bf16, length = 16384,
   plan = #tile.plan<target = "sm_90a", query_tile = 192, kv_tile = 96, warpgroups = 3, stages = 2, overlap = true, ping_pong = false, persistent = true, rescale_threshold = 15, keys_first = true>},
  // 0.960 of the best plan of each length on average; the best single plan 0.963
  {head_dim = 64, value_dim = 64, mask = "all", type = bf16,
   plan = #tile.plan<target = "sm_90a", query_tile = 192, kv_tile = 96, warpgroups = 3, stages = 2, overlap = true, ping_pong = false, persistent = true, rescale_threshold = 15, keys_first = true>},
  // 244.8; 181.8
  {head_dim = 64, value_dim = 64, mask = "causal", type = bf16, length = 512,
   plan = #tile.plan<target = "sm_90a", query_tile = 128, kv_tile = 128, warpgroups = 2, stages = 3, overlap = true, ping_pong = false, persistent = true, rescale_threshold = 15>},
  // 326.2; 282.4
  {head_dim = 64, value_dim = 64, mask = "causal", type = bf16, length = 1024,
   plan = #tile.plan<target = "sm_90a", query_tile = 128, kv_tile = 128, warpgroups = 2, stages = 2, overlap = true, ping_pong = false, persistent = true, rescale_threshold = 15, keys_first = true>},
  // 400.5, the cost model's choice
  {head_dim = 64, value_dim = 64, mask = "causal", type = bf16, length = 2048,
   plan = #tile.plan<target = "sm_90a", query_tile = 192, kv_tile = 96, warpgroups = 3, stages = 2, overlap = true, ping_pong = false, persistent = true, rescale_threshold = 15, keys_first = true>},
  // 509.8, the cost model's choice
  {head_dim = 64, value_dim = 64, mask = "causal", type = bf16, length = 8192,
   plan = #tile.plan<target = "sm_90a", query_tile = 192, kv_tile = 96, warpgroups = 3, stages = 2, overlap = true, ping_pong = false, persistent = true, rescale_threshold = 15, keys_first = true>},
  // 523.1, the cost model's choice
  {head_dim = 64, value_dim = 64, mask = "causal", type = bf16, length = 16384,
   plan = #tile.plan<target = "sm_90a", query_tile = 192, kv_tile = 96, warpgroups = 3, stages = 2, overlap = true, ping_pong = false, persistent = true, rescale_threshold = 15, keys_first = true>},
  // 0.922 on average; two warpgroups 0.958, but less from 2048 keys on
  {head_dim = 64, value_dim = 64, mask = "causal", type = bf16,
   plan = #tile.plan<target = "sm_90a", query_tile = 192, kv_tile = 96, warpgroups = 3, stages = 2, overlap = true, ping_pong = false, persistent = true, rescale_threshold = 15, keys_first = true>},
  // 493.3; 463.0
  {head_dim = 128, value_dim = 128, mask = "all", type = bf16, length = 512,
   plan = #tile.plan<target = "sm_90a", query_tile = 128, kv_tile = 128, warpgroups = 2, stages = 2, overlap = true, ping_pong = false, persistent = true, rescale_threshold = 15, keys_first = true>},
  // 585.4, the cost model's choice
  {head_dim = 128, value_dim = 128, mask = "all", type = bf16, length = 1024,
   plan = #tile.plan<target = "sm_90a", query_tile = 128, kv_tile = 128, warpgroups = 2, stages = 2, overlap = true, ping_pong = false, persistent = true, rescale_threshold = 15>},
  // 651.2, the cost model's choice
  {head_dim = 128, value_dim = 128, mask = "all", type = bf16, length = 2048,
   plan = #tile.plan<target = "sm_90a", query_tile = 128, kv_tile = 128, warpgroups = 2, stages = 2, overlap = true, ping_pong = false, persistent = true, rescale_threshold = 15>},
  // 698.6, the cost model's choice
  {head_dim = 128, value_dim = 128, mask = "all", type = bf16, length = 8192,
   plan = #tile.plan<target = "sm_90a", query_tile = 128, kv_tile = 128, warpgroups = 2, stages = 2, overlap = true, ping_pong = false, persistent = true, rescale_threshold = 15>},
  // 702.1, the cost model's choice
  {head_dim = 128, value_dim = 128, mask = "all", type = bf16, length = 16384,
   plan = #tile.plan<target = "sm_90a", query_tile = 128, kv_tile = 128, warpgroups = 2, stages = 2, overlap = true, ping_pong = false, persistent = true, rescale_threshold = 15>},
  // 0.988 on average; keys first 0.995
  {head_dim = 128, value_dim = 128, mask = "all", type = bf16,
   plan = #tile.plan<target = "sm_90a", query_tile = 128, kv_tile = 128, warpgroups = 2, stages = 2, overlap = true, ping_pong = false, persistent = true, rescale_threshold = 15>},
  // 299.9; 285.5
  {head_dim = 128, value_dim = 128, mask = "causal", type = bf16, length = 512,
   plan = #tile.plan<target = "sm_90a", query_tile = 128, kv_tile = 128, warpgroups = 2, stages = 2, overlap = true, ping_pong = false, persistent = true, rescale_threshold = 15, keys_first = true>},
  // 437.2, the cost model's choice
  {head_dim = 128, value_dim = 128, mask = "causal", type = bf16, length = 1024,
   plan = #tile.plan<target = "sm_90a", query_tile = 128, kv_tile = 128, warpgroups = 2, stages = 2, overlap = true, ping_pong = false, persistent = true, rescale_threshold = 15>},
  // 535.4, the cost model's choice
  {head_dim = 128, value_dim = 128, mask = "causal", type = bf16, length = 2048,
   plan = #tile.plan<target = "sm_90a", query_tile = 128, kv_tile = 128, warpgroups = 2, stages = 2, overlap = true, ping_pong = false, persistent = true, rescale_threshold = 15>},
  // 663.7, the cost model's choice; in turns 670.2
  {head_dim = 128, value_dim = 128, mask = "causal", type = bf16, length = 8192,
   plan = #tile.plan<target = "sm_90a", query_tile = 128, kv_tile = 128, warpgroups = 2, stages = 2, overlap = true, ping_pong = false, persistent = true, rescale_threshold = 15>},
  // 691.9, the cost model's choice; in turns 699.2
  {head_dim = 128, value_dim = 128, mask = "causal", type = bf16, length = 16384,
   plan = #tile.plan<target = "sm_90a", query_tile = 128, kv_tile = 128, warpgroups = 2, stages = 2, overlap = true, ping_pong = false, persistent = true, rescale_threshold = 15>},
  // 0.986 on average, the best
  {head_dim = 128, value_dim = 128, mask = "causal", type = bf16,
   plan = #tile.plan<target = "sm_90a", query_tile = 128, kv_tile = 128, warpgroups = 2, stages = 2, overlap = true, ping_pong = false, persistent = true, rescale_threshold = 15>},
  // 506.0; 470.6
  {head_dim = 256, value_dim = 256, mask = "all", type = bf16, length = 512,
   plan = #tile.plan<target = "sm_90a", query_tile = 128, kv_tile = 64, warpgroups = 2, stages = 2, overlap = true, ping_pong = false, persistent = true, rescale_threshold = 15, keys_first = true>},
  // 625.5, the cost model's choice
  {head_dim = 256, value_dim = 256, mask = "all", type = bf16, length = 1024,
   plan = #tile.plan<target = "sm_90a", query_tile = 128, kv_tile = 80, warpgroups = 2, stages = 2, overlap = true, ping_pong = false, persistent = true, rescale_threshold = 15>},
  // 690.5, the cost model's choice
  {head_dim = 256, value_dim = 256, mask = "all", type = bf16, length = 2048,
   plan = #tile.plan<target = "sm_90a", query_tile = 128, kv_tile = 80, warpgroups = 2, stages = 2, overlap = true, ping_pong = false, persistent = true, rescale_threshold = 15>},
  // 743.0, the cost model's choice
  {head_dim = 256, value_dim = 256, mask = "all", type = bf16, length = 8192,
   plan = #tile.plan<target = "sm_90a", query_tile = 128, kv_tile = 80, warpgroups = 2, stages = 2, overlap = true, ping_pong = false, persistent = true, rescale_threshold = 15>},
  // 758.6, the cost model's choice
  {head_dim = 256, value_dim = 256, mask = "all", type = bf16, length = 16384,
   plan = #tile.plan<target = "sm_90a", query_tile = 128, kv_tile = 80, warpgroups = 2, stages = 2, overlap = true, ping_pong = false, persistent = true, rescale_threshold = 15>},
  // 0.984 on average; 64 keys and keys first 0.995
  {head_dim = 256, value_dim = 256, mask = "all", type = bf16,
   plan = #tile.plan<target = "sm_90a", query_tile = 128, kv_tile = 80, warpgroups = 2, stages = 2, overlap = true, ping_pong = false, persistent = true, rescale_threshold = 15>},
  // 279.7; 242.2
  {head_dim = 256, value_dim = 256, mask = "causal", type = bf16, length = 512,
   plan = #tile.plan<target = "sm_90a", query_tile = 128, kv_tile = 64, warpgroups = 2, stages = 2, overlap = true, ping_pong = false, persistent = true, rescale_threshold = 15>},
  // 442.3; 408.8
  {head_dim = 256, value_dim = 256, mask = "causal", type = bf16, length = 1024,
   plan = #tile.plan<target = "sm_90a", query_tile = 128, kv_tile = 64, warpgroups = 2, stages = 2, overlap = true, ping_pong = false, persistent = true, rescale_threshold = 15, keys_first = true>},
  // 571.7; 539.2
  {head_dim = 256, value_dim = 256, mask = "causal", type = bf16, length = 2048,
   plan = #tile.plan<target = "sm_90a", query_tile = 128, kv_tile = 64, warpgroups = 2, stages = 2, overlap = true, ping_pong = false, persistent = true, rescale_threshold = 15, keys_first = true>},
  // 696.1; 673.2
  {head_dim = 256, value_dim = 256, mask = "causal", type = bf16, length = 8192,
   plan = #tile.plan<target = "sm_90a", query_tile = 128, kv_tile = 64, warpgroups = 2, stages = 2, overlap = true, ping_pong = false, persistent = true, rescale_threshold = 15, keys_first = true>},
  // 725.8; 716.4
  {head_dim = 256, value_dim = 256, mask = "causal", type = bf16, length = 16384,
   plan = #tile.plan<target = "sm_90a", query_tile = 128, kv_tile = 80, warpgroups = 2, stages = 2, overlap = true, ping_pong = true, persistent = true, rescale_threshold = 15>},
  // 0.996 on average; the cost model's choice 0.937
  {head_dim = 256, value_dim = 256, mask = "causal", type = bf16,
   plan = #tile.plan<target = "sm_90a", query_tile = 128, kv_tile = 64, warpgroups = 2, stages = 2, overlap = true, ping_pong = false, persistent = true, rescale_threshold = 15, keys_first = true>}
]
