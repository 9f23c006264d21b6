// Plans for sm_90a, for attn-choose-plan. Its form is that of attn/Transforms/Plans.h. Measured on one NVIDIA H100 80GB HBM3 (700 W,
// CUDA 13.0), 2026-11-25, at commit 9b5db0b, since no H200 was to be had:
//   attn-tune --time=190 --tiles=8 --switched=3 --finalists=3 --rounds=5 --space='warpgroups = 2 3; kv_tile = 64 80 96 112 128 144
//     160 176; stages = 2 3; overlap = true; ping_pong = false true; persistent = true false; keys_first = false true'
// 16384 tokens a launch, bf16. A plan that won by less than 1.3 %, which is within the spread, has not replaced the cost
// model's; nor has a plan for all lengths that loses at long ones. TFLOP/s of the plan stand first, then those of the cost model's.
// Those of head_dim 80 to 192 are from 8b4cc06, lengths 512, 1024, 2048, 8192 and 16384, '--head-dims=80,96,112,192,192/128 --time=112
//   --tiles=7 --finalists=3' and a space of 2 and 3 warpgroups and 80 to 128 keys.
// `staged_stores` was decided on 2026-11-27: each persistent plan with and without it, images of one build in turns in one process, the order
// rotated, streams of 0.06 s (a script that is not kept). Taken where there was a gain, of 1 to 5 %; head_dim 128 without a mask loses 1 to 3 %
// from 8192 keys on, and head_dim 112 2 %. By the same script then: turns and keys first under a causal mask at head_dim 128, 1024 keys (3 %), and
// three stages at head_dim 64, 1024 keys (1 to 4 %). The TFLOP/s beside the plans are of before.
// Tiles of 192 queries at head_dim 80 to 128, and `ascending`, are of later that day, by the same script: a multiprocessor loads less for
// each query, and a card at its limit of power is as fast as its work is frugal (docs/measured/h100-checks.md, "Energy"). TFLOP/s with
// them, then without, each pair of one run, stand beside their lengths. So do those of plans that replaced another in the session after, the
// same day (0f419ab, ed3d600 and, at 256 to 384 keys, ff35a97). Among them are tiles of 256 queries at head_dim 64,
// which gain by four stages (443 with two at 1024 keys) and by staged stores (477 without at 2048). `own_ends` and all entries for windows are of the
// session after that (199e8ef, some builds just before it, and without a mask a6fd8ff with the table of before, by the same script).
// `sum_column` is of the session after that (b28a513, the same script). Kernels that store a log-sum-exp look past entries with it. Plans of
// 64 keys and four warpgroups are 2 to 3 % faster since all this (b653b6a, docs/measured/h100-checks.md, "Strips"); what they lost against
// then was not measured again. What is said of plans "from the first block on" under a causal mask, of turns there, of 64 keys at
// head_dim 128 and 256, and of tiles of 256 queries at 4096 keys without a mask and 8192 under a causal one is of the session after that, in
// builds of what became 7bc1777, in which heavy and light programs run side by side (docs/measured/h100-checks.md).
// `overlap_programs` is of 2026-11-28: each of these plans with and without it by the same script, at one build (9840c7e with this table), where cycles
// a launch say a gain of 0.6 % or more; TFLOP/s with it, then without (docs/measured/h100-checks.md, "The end of a program under the next").
// `dynamic`, with `overlap_programs` at head_dim 128, 512 keys, is of later that day, by the same script, where it saves 1 % of the cycles or more
// (docs/measured/h100-checks.md, "The edges of a launch").
// `cluster` is of the session after that: beside the plan without it, streams of 0.3 s (python -m attn_mlir.bench --plan 'clu: cluster = 2' --seconds 0.3), on an
// H200 at builds of what became the commit of these lines: the same cycles, at a clock that is 1 to 3 % higher (docs/measured/h100-checks.md, "Clusters again").
// The table had lost head_dim 112 under a causal mask at 512 to 4096 keys to the entry of 8192: 147 k, 215 k and 334 k cycles at 512 to 2048, 177 k, 247 k, 354 k with that.
[
  // 363, 328 with tiles of 256 queries, which three quarters of the rows fill (with 256 and 320 keys they are 11 and 19 % faster)
  {head_dim = 64, value_dim = 64, mask = "all", type = bf16, length = 384,
   plan = #tile.plan<target = "sm_90a", query_tile = 128, kv_tile = 128, warpgroups = 2, stages = 3, overlap = true, ping_pong = false, persistent = true, rescale_threshold = 15, staged_stores = true>},
  // 351, 316 with tiles of 128
  {head_dim = 64, value_dim = 64, mask = "all", type = bf16, length = 256,
   plan = #tile.plan<target = "sm_90a", query_tile = 256, kv_tile = 64, warpgroups = 4, stages = 4, overlap = true, ping_pong = false, persistent = true, rescale_threshold = 15, staged_stores = true>},
  // 439, 386 with tiles of 128 queries and keys; since 446 and 447 (with keys first), 432 without a column of sums
  {head_dim = 64, value_dim = 64, mask = "all", type = bf16, length = 512,
   plan = #tile.plan<target = "sm_90a", query_tile = 256, kv_tile = 64, warpgroups = 4, stages = 4, overlap = true, ping_pong = false, persistent = true, rescale_threshold = 15, staged_stores = true, keys_first = true, sum_column = true>},
  // With a log-sum-exp
  {head_dim = 64, value_dim = 64, mask = "all", type = bf16, length = 512,
   plan = #tile.plan<target = "sm_90a", query_tile = 256, kv_tile = 64, warpgroups = 4, stages = 4, overlap = true, ping_pong = false, persistent = true, rescale_threshold = 15, staged_stores = true>},
  // 494 and 488, 430 and 430 with tiles of 128; 32/8 heads 508, 431; with 2 stages 443; since 498 and 483, 486 and 472 without a column of sums
  {head_dim = 64, value_dim = 64, mask = "all", type = bf16, length = 1024,
   plan = #tile.plan<target = "sm_90a", query_tile = 256, kv_tile = 64, warpgroups = 4, stages = 4, overlap = true, ping_pong = false, persistent = true, rescale_threshold = 15, staged_stores = true, sum_column = true>},
  // 515 and 504, 482 and 463 with tiles of 192 queries and 96 keys; f16 493, 461; 32/8 heads 513, 477; since 522, 511 and 502, 511, 511 and 503 without
  // a column of sums
  {head_dim = 64, value_dim = 64, mask = "all", type = bf16, length = 2048,
   plan = #tile.plan<target = "sm_90a", query_tile = 256, kv_tile = 64, warpgroups = 4, stages = 4, overlap = true, ping_pong = false, persistent = true, rescale_threshold = 15, staged_stores = true, sum_column = true>},
  // 543 and 533, 520 and 513 with tiles of 256 queries, 529 and 523 with these and a column of sums; since 535, 529 and 523 with tiles of 192 queries
  {head_dim = 64, value_dim = 64, mask = "all", type = bf16, length = 4096,
   plan = #tile.plan<target = "sm_90a", query_tile = 256, kv_tile = 64, warpgroups = 4, stages = 4, overlap = true, ping_pong = false, persistent = true, rescale_threshold = 15, keys_first = true, staged_stores = true, sum_column = true>},
  // With a log-sum-exp: 523, 491 with tiles of 192 queries and 96 keys
  {head_dim = 64, value_dim = 64, mask = "all", type = bf16, length = 4096,
   plan = #tile.plan<target = "sm_90a", query_tile = 256, kv_tile = 64, warpgroups = 4, stages = 4, overlap = true, ping_pong = false, persistent = true, rescale_threshold = 15, staged_stores = true>},
  // 530, 533 and 535; 521, 523 and 525 with 96 keys; 517, 524 and 535 with tiles of 256 queries, where these have 532, 536 and 547; since 585, 567
  // and 569, 554, 533 and 535 without a column of sums; 32/8 heads 567, 541; f16 551 and 529, 522 and 527
  {head_dim = 64, value_dim = 64, mask = "all", type = bf16, length = 8192,
   plan = #tile.plan<target = "sm_90a", query_tile = 192, kv_tile = 112, warpgroups = 3, stages = 2, overlap = true, ping_pong = false, persistent = true, rescale_threshold = 15, keys_first = true, staged_stores = true, sum_column = true>},
  // With a log-sum-exp
  {head_dim = 64, value_dim = 64, mask = "all", type = bf16, length = 8192,
   plan = #tile.plan<target = "sm_90a", query_tile = 192, kv_tile = 112, warpgroups = 3, stages = 2, overlap = true, ping_pong = false, persistent = true, rescale_threshold = 15, keys_first = true, staged_stores = true>},
  // 537 and 543, 532 and 536 with 96 keys; since 578 and 567, 548 and 562 without a column of sums
  {head_dim = 64, value_dim = 64, mask = "all", type = bf16, length = 16384,
   plan = #tile.plan<target = "sm_90a", query_tile = 192, kv_tile = 112, warpgroups = 3, stages = 2, overlap = true, ping_pong = false, persistent = true, rescale_threshold = 15, keys_first = true, staged_stores = true, sum_column = true>},
  // as of 512 to 4096 keys
  {head_dim = 64, value_dim = 64, mask = "all", type = bf16,
   plan = #tile.plan<target = "sm_90a", query_tile = 256, kv_tile = 64, warpgroups = 4, stages = 4, overlap = true, ping_pong = false, persistent = true, rescale_threshold = 15, staged_stores = true, sum_column = true>},
  // With a log-sum-exp
  {head_dim = 64, value_dim = 64, mask = "all", type = bf16,
   plan = #tile.plan<target = "sm_90a", query_tile = 256, kv_tile = 64, warpgroups = 4, stages = 4, overlap = true, ping_pong = false, persistent = true, rescale_threshold = 15, staged_stores = true>},
  // 178, 171 with tiles of 128 queries and keys; 178 with those of 256 queries; batch 1, 8 heads of 4096 queries 407, 392
  {head_dim = 64, value_dim = 64, mask = "causal", type = bf16, length = 256,
   plan = #tile.plan<target = "sm_90a", query_tile = 128, kv_tile = 64, warpgroups = 2, stages = 4, overlap = true, ping_pong = false, persistent = true, rescale_threshold = 15, staged_stores = true, ascending = true, own_ends = true>},
  // 299, 246 with tiles of 128 queries and keys; 384 keys 241, 220
  {head_dim = 64, value_dim = 64, mask = "causal", type = bf16, length = 512,
   plan = #tile.plan<target = "sm_90a", query_tile = 256, kv_tile = 64, warpgroups = 4, stages = 4, overlap = true, ping_pong = false, persistent = true, rescale_threshold = 15, staged_stores = true, ascending = true, own_ends = true>},
  // 390, 344 with tiles of 128 queries and keys; 1000 keys 376, 316; 1152 keys 342, 350
  {head_dim = 64, value_dim = 64, mask = "causal", type = bf16, length = 1024,
   plan = #tile.plan<target = "sm_90a", query_tile = 256, kv_tile = 64, warpgroups = 4, stages = 4, overlap = true, ping_pong = false, persistent = true, rescale_threshold = 15, staged_stores = true, ascending = true, own_ends = true>},
  // 450, 399 with tiles of 192 queries and 96 keys; 32/8 heads 472, 418; 1536 keys 409, 391; 3001 keys 446, 435
  {head_dim = 64, value_dim = 64, mask = "causal", type = bf16, length = 2048,
   plan = #tile.plan<target = "sm_90a", query_tile = 256, kv_tile = 64, warpgroups = 4, stages = 4, overlap = true, ping_pong = false, persistent = true, rescale_threshold = 15, staged_stores = true, ascending = true, own_ends = true>},
  // 493, 459 with tiles of 192 queries and 96 keys
  {head_dim = 64, value_dim = 64, mask = "causal", type = bf16, length = 4096,
   plan = #tile.plan<target = "sm_90a", query_tile = 256, kv_tile = 64, warpgroups = 4, stages = 4, overlap = true, ping_pong = false, persistent = true, rescale_threshold = 15, staged_stores = true, ascending = true, own_ends = true>},
  // 539 and 532, 520 and 525 with tiles of 256 queries and 64 keys, 538 and 518 with these and a column of sums; with 112 keys 539 and 521;
  // f16 526, 501; since 528, 513 and 515 with tiles of 192 queries
  {head_dim = 64, value_dim = 64, mask = "causal", type = bf16, length = 8192,
   plan = #tile.plan<target = "sm_90a", query_tile = 256, kv_tile = 64, warpgroups = 4, stages = 4, overlap = true, ping_pong = false, persistent = true, rescale_threshold = 15, staged_stores = true, ascending = true, own_ends = true>},
  // 543 and 545, 534 and 527 with tiles of 256 queries and 64 keys, 531 and 534 with these and a column of sums; with 96 keys 539 and 540
  {head_dim = 64, value_dim = 64, mask = "causal", type = bf16, length = 16384,
   plan = #tile.plan<target = "sm_90a", query_tile = 192, kv_tile = 112, warpgroups = 3, stages = 2, overlap = true, ping_pong = false, persistent = true, rescale_threshold = 15, keys_first = true, staged_stores = true, ascending = true, own_ends = true, sum_column = true>},
  // as of 512 keys and more
  {head_dim = 64, value_dim = 64, mask = "causal", type = bf16,
   plan = #tile.plan<target = "sm_90a", query_tile = 256, kv_tile = 64, warpgroups = 4, stages = 4, overlap = true, ping_pong = false, persistent = true, rescale_threshold = 15, staged_stores = true, ascending = true, own_ends = true>},
  // 389 with 1024 keys of 8192; tiles of 256 queries 304
  {head_dim = 64, value_dim = 64, mask = "window", type = bf16, length = 2048,
   plan = #tile.plan<target = "sm_90a", query_tile = 64, kv_tile = 64, warpgroups = 1, stages = 3, overlap = true, ping_pong = false, rescale_threshold = 15, residency = 3>},
  // 441 with 4096 keys of 16384; tiles of 256 queries with ends of their own 426; since 439, 428 without a column of sums
  {head_dim = 64, value_dim = 64, mask = "window", type = bf16, length = 4096,
   plan = #tile.plan<target = "sm_90a", query_tile = 192, kv_tile = 96, warpgroups = 3, stages = 2, overlap = true, ping_pong = false, persistent = true, rescale_threshold = 15, keys_first = true, staged_stores = true, ascending = true, sum_column = true>},
  // With a log-sum-exp
  {head_dim = 64, value_dim = 64, mask = "window", type = bf16, length = 4096,
   plan = #tile.plan<target = "sm_90a", query_tile = 192, kv_tile = 96, warpgroups = 3, stages = 2, overlap = true, ping_pong = false, persistent = true, rescale_threshold = 15, keys_first = true, staged_stores = true, ascending = true>},
  // 493.3; 463.0
  {head_dim = 128, value_dim = 128, mask = "all", type = bf16, length = 512,
   plan = #tile.plan<target = "sm_90a", query_tile = 128, kv_tile = 128, warpgroups = 2, stages = 2, overlap = true, ping_pong = false, persistent = true, rescale_threshold = 15, keys_first = true, staged_stores = true, dynamic = true, overlap_programs = true>},
  // 596, 580; 1024 queries and 16384 keys, batch 4, 665 and 678, 618 and 608; programs overlapped 637, 620
  {head_dim = 128, value_dim = 128, mask = "all", type = bf16, length = 1024,
   plan = #tile.plan<target = "sm_90a", query_tile = 128, kv_tile = 128, warpgroups = 2, stages = 2, overlap = true, ping_pong = false, persistent = true, rescale_threshold = 15, keys_first = true, staged_stores = true, overlap_programs = true>},
  // 645, 638, means of four runs; f16 623, 603, of three; since with ends of its own 662, 649 without
  {head_dim = 128, value_dim = 128, mask = "all", type = bf16, length = 2048,
   plan = #tile.plan<target = "sm_90a", query_tile = 192, kv_tile = 80, warpgroups = 3, stages = 2, overlap = true, ping_pong = false, persistent = true, rescale_threshold = 15, keys_first = true, staged_stores = true, ascending = true, own_ends = true>},
  // 663, 648; since 698, 679
  {head_dim = 128, value_dim = 128, mask = "all", type = bf16, length = 4096,
   plan = #tile.plan<target = "sm_90a", query_tile = 192, kv_tile = 80, warpgroups = 3, stages = 2, overlap = true, ping_pong = false, persistent = true, rescale_threshold = 15, keys_first = true, staged_stores = true, ascending = true, own_ends = true>},
  // 713, 688; 8 heads for 32 732, 694; since 715 and 726, 718 and 726; 8 heads for 32 749, 740; f16 710 and 703, 684 and 708; 8191 keys 720, 698
  {head_dim = 128, value_dim = 128, mask = "all", type = bf16, length = 8192,
   plan = #tile.plan<target = "sm_90a", query_tile = 192, kv_tile = 80, warpgroups = 3, stages = 2, overlap = true, ping_pong = false, persistent = true, rescale_threshold = 15, keys_first = true, staged_stores = true, ascending = true, own_ends = true>},
  // 716, 700; since 736 and 765, 714 and 725
  {head_dim = 128, value_dim = 128, mask = "all", type = bf16, length = 16384,
   plan = #tile.plan<target = "sm_90a", query_tile = 192, kv_tile = 80, warpgroups = 3, stages = 2, overlap = true, ping_pong = false, persistent = true, rescale_threshold = 15, keys_first = true, staged_stores = true, ascending = true, own_ends = true>},
  // 0.988 on average; keys first 0.995
  {head_dim = 128, value_dim = 128, mask = "all", type = bf16,
   plan = #tile.plan<target = "sm_90a", query_tile = 128, kv_tile = 128, warpgroups = 2, stages = 2, overlap = true, ping_pong = false, persistent = true, rescale_threshold = 15>},
  // 299.9; 285.5; from the first block on 333 and 329, 319 and 315
  {head_dim = 128, value_dim = 128, mask = "causal", type = bf16, length = 512,
   plan = #tile.plan<target = "sm_90a", query_tile = 128, kv_tile = 128, warpgroups = 2, stages = 2, overlap = true, ping_pong = false, persistent = true, rescale_threshold = 15, keys_first = true, staged_stores = true, ascending = true>},
  // 437.2, the cost model's choice; from the first block on 441 and 446, 428 and 447; programs overlapped 490, 460
  {head_dim = 128, value_dim = 128, mask = "causal", type = bf16, length = 1024,
   plan = #tile.plan<target = "sm_90a", query_tile = 128, kv_tile = 128, warpgroups = 2, stages = 2, overlap = true, ping_pong = true, persistent = true, rescale_threshold = 15, staged_stores = true, keys_first = true, ascending = true, overlap_programs = true>},
  // 535.4, the cost model's choice; from the first block on, with turns and keys first 548 and 559, 535 and 531; without turns, programs overlapped 546, 518 and, with turns, 551
  {head_dim = 128, value_dim = 128, mask = "causal", type = bf16, length = 2048,
   plan = #tile.plan<target = "sm_90a", query_tile = 128, kv_tile = 128, warpgroups = 2, stages = 2, overlap = true, ping_pong = false, persistent = true, rescale_threshold = 15, staged_stores = true, keys_first = true, ascending = true, overlap_programs = true, dynamic = true>},
  // The same: 618 and 618, 610 and 613; without turns, programs overlapped 660, 648
  {head_dim = 128, value_dim = 128, mask = "causal", type = bf16, length = 4096,
   plan = #tile.plan<target = "sm_90a", query_tile = 128, kv_tile = 128, warpgroups = 2, stages = 2, overlap = true, ping_pong = false, persistent = true, rescale_threshold = 15, keys_first = true, staged_stores = true, ascending = true, overlap_programs = true>},
  // 661 and 661, 648 and 659 with tiles of 128; 32/8 heads 678, 670; with 64 keys 672 and 682, 668 and 658; 32/8 heads 700, 667; programs overlapped 655, 636
  {head_dim = 128, value_dim = 128, mask = "causal", type = bf16, length = 8192,
   plan = #tile.plan<target = "sm_90a", query_tile = 192, kv_tile = 64, warpgroups = 3, stages = 2, overlap = true, ping_pong = false, persistent = true, rescale_threshold = 15, keys_first = true, staged_stores = true, ascending = true, overlap_programs = true>},
  // 689, 682 and 666; 668, 675 and 657; programs overlapped 703, 694
  {head_dim = 128, value_dim = 128, mask = "causal", type = bf16, length = 16384,
   plan = #tile.plan<target = "sm_90a", query_tile = 192, kv_tile = 80, warpgroups = 3, stages = 2, overlap = true, ping_pong = false, persistent = true, rescale_threshold = 15, keys_first = true, staged_stores = true, ascending = true, overlap_programs = true>},
  // 0.986 on average, the best
  {head_dim = 128, value_dim = 128, mask = "causal", type = bf16,
   plan = #tile.plan<target = "sm_90a", query_tile = 128, kv_tile = 128, warpgroups = 2, stages = 2, overlap = true, ping_pong = false, persistent = true, rescale_threshold = 15, staged_stores = true>},
  // 259 with 256 keys of 8192; 213 with tiles of 192 queries and 80 keys, which spill 8 bytes
  {head_dim = 128, value_dim = 128, mask = "window", type = bf16, length = 256,
   plan = #tile.plan<target = "sm_90a", query_tile = 128, kv_tile = 128, warpgroups = 2, stages = 2, overlap = true, ping_pong = false, persistent = true, rescale_threshold = 15, keys_first = true, staged_stores = true, ascending = true>},
  // 455 with 1024 keys of 8192; 450 with 80 keys, 447 with tiles of 128 queries and keys
  {head_dim = 128, value_dim = 128, mask = "window", type = bf16, length = 1024,
   plan = #tile.plan<target = "sm_90a", query_tile = 192, kv_tile = 64, warpgroups = 3, stages = 2, overlap = true, ping_pong = false, persistent = true, rescale_threshold = 15, keys_first = true, staged_stores = true, ascending = true, own_ends = true>},
  // 506.0; 470.6
  {head_dim = 256, value_dim = 256, mask = "all", type = bf16, length = 512,
   plan = #tile.plan<target = "sm_90a", query_tile = 128, kv_tile = 64, warpgroups = 2, stages = 2, overlap = true, ping_pong = false, persistent = true, rescale_threshold = 15, keys_first = true>},
  // 600, 581 with 80 keys
  {head_dim = 256, value_dim = 256, mask = "all", type = bf16, length = 1024,
   plan = #tile.plan<target = "sm_90a", query_tile = 128, kv_tile = 64, warpgroups = 2, stages = 2, overlap = true, ping_pong = false, persistent = true, rescale_threshold = 15, keys_first = true>},
  // 668 and 665, 656 and 643 with 80 keys; on an H200 in clusters 672, 663 without
  {head_dim = 256, value_dim = 256, mask = "all", type = bf16, length = 2048,
   plan = #tile.plan<target = "sm_90a", query_tile = 128, kv_tile = 64, warpgroups = 2, stages = 2, overlap = true, ping_pong = false, persistent = true, rescale_threshold = 15, keys_first = true, cluster = 2>},
  // 743.0, the cost model's choice; with 64 keys, which come first 720, 715; on an H200 in clusters 727, 717 without
  {head_dim = 256, value_dim = 256, mask = "all", type = bf16, length = 8192,
   plan = #tile.plan<target = "sm_90a", query_tile = 128, kv_tile = 64, warpgroups = 2, stages = 2, overlap = true, ping_pong = false, persistent = true, rescale_threshold = 15, keys_first = true, cluster = 2>},
  // 758.6, the cost model's choice
  {head_dim = 256, value_dim = 256, mask = "all", type = bf16, length = 16384,
   plan = #tile.plan<target = "sm_90a", query_tile = 128, kv_tile = 80, warpgroups = 2, stages = 2, overlap = true, ping_pong = false, persistent = true, rescale_threshold = 15>},
  // 0.984 on average; 64 keys and keys first 0.995
  {head_dim = 256, value_dim = 256, mask = "all", type = bf16,
   plan = #tile.plan<target = "sm_90a", query_tile = 128, kv_tile = 80, warpgroups = 2, stages = 2, overlap = true, ping_pong = false, persistent = true, rescale_threshold = 15>},
  // 279.7; 242.2; from the first block on, with turns 304, 274
  {head_dim = 256, value_dim = 256, mask = "causal", type = bf16, length = 512,
   plan = #tile.plan<target = "sm_90a", query_tile = 128, kv_tile = 64, warpgroups = 2, stages = 2, overlap = true, ping_pong = true, persistent = true, rescale_threshold = 15, ascending = true>},
  // 409, 394 from the last block on
  {head_dim = 256, value_dim = 256, mask = "causal", type = bf16, length = 1024,
   plan = #tile.plan<target = "sm_90a", query_tile = 128, kv_tile = 64, warpgroups = 2, stages = 2, overlap = true, ping_pong = false, persistent = true, rescale_threshold = 15, keys_first = true, ascending = true, own_ends = true, dynamic = true>},
  // 562 and 552, 549 and 543 without ends of their own
  {head_dim = 256, value_dim = 256, mask = "causal", type = bf16, length = 2048,
   plan = #tile.plan<target = "sm_90a", query_tile = 128, kv_tile = 64, warpgroups = 2, stages = 2, overlap = true, ping_pong = false, persistent = true, rescale_threshold = 15, keys_first = true, ascending = true, own_ends = true>},
  // 696, 682
  {head_dim = 256, value_dim = 256, mask = "causal", type = bf16, length = 8192,
   plan = #tile.plan<target = "sm_90a", query_tile = 128, kv_tile = 64, warpgroups = 2, stages = 2, overlap = true, ping_pong = false, persistent = true, rescale_threshold = 15, keys_first = true, ascending = true>},
  // 721, 703
  {head_dim = 256, value_dim = 256, mask = "causal", type = bf16, length = 16384,
   plan = #tile.plan<target = "sm_90a", query_tile = 128, kv_tile = 80, warpgroups = 2, stages = 2, overlap = true, ping_pong = true, persistent = true, rescale_threshold = 15, ascending = true>},
  // as of 2048 keys and more
  {head_dim = 256, value_dim = 256, mask = "causal", type = bf16,
   plan = #tile.plan<target = "sm_90a", query_tile = 128, kv_tile = 64, warpgroups = 2, stages = 2, overlap = true, ping_pong = false, persistent = true, rescale_threshold = 15, keys_first = true, ascending = true>},
  // 503 with 1024 keys of 8192; 492 without ends of their own
  {head_dim = 256, value_dim = 256, mask = "window", type = bf16, length = 1024,
   plan = #tile.plan<target = "sm_90a", query_tile = 128, kv_tile = 64, warpgroups = 2, stages = 2, overlap = true, ping_pong = false, persistent = true, rescale_threshold = 15, keys_first = true, ascending = true, own_ends = true>},
  // 451, 394 with three warpgroups; programs overlapped 460, 452
  {head_dim = 80, value_dim = 80, mask = "all", type = bf16, length = 1024,
   plan = #tile.plan<target = "sm_90a", query_tile = 128, kv_tile = 128, warpgroups = 2, stages = 2, overlap = true, ping_pong = false, persistent = true, rescale_threshold = 15, keys_first = true, staged_stores = true, overlap_programs = true, dynamic = true>},
  // 495, 481
  {head_dim = 80, value_dim = 80, mask = "all", type = bf16, length = 2048,
   plan = #tile.plan<target = "sm_90a", query_tile = 192, kv_tile = 96, warpgroups = 3, stages = 2, overlap = true, ping_pong = false, persistent = true, rescale_threshold = 15, keys_first = true, staged_stores = true>},
  // 533, 507
  {head_dim = 80, value_dim = 80, mask = "all", type = bf16, length = 4096,
   plan = #tile.plan<target = "sm_90a", query_tile = 192, kv_tile = 96, warpgroups = 3, stages = 2, overlap = true, ping_pong = false, persistent = true, rescale_threshold = 15, keys_first = true, staged_stores = true>},
  // 550, 526
  {head_dim = 80, value_dim = 80, mask = "all", type = bf16, length = 8192,
   plan = #tile.plan<target = "sm_90a", query_tile = 192, kv_tile = 96, warpgroups = 3, stages = 2, overlap = true, ping_pong = false, persistent = true, rescale_threshold = 15, keys_first = true, staged_stores = true>},
  // 562, 519
  {head_dim = 80, value_dim = 80, mask = "all", type = bf16, length = 16384,
   plan = #tile.plan<target = "sm_90a", query_tile = 192, kv_tile = 96, warpgroups = 3, stages = 2, overlap = true, ping_pong = false, persistent = true, rescale_threshold = 15, keys_first = true, staged_stores = true>},
  // At 512 to 16384 keys 392.4, 437.0, 490.7, 527.8, 545.6; 364.4, 411.6, 437.6, 458.4, 453.9
  {head_dim = 80, value_dim = 80, mask = "all", type = bf16,
   plan = #tile.plan<target = "sm_90a", query_tile = 128, kv_tile = 128, warpgroups = 2, stages = 2, overlap = true, ping_pong = false, persistent = true, rescale_threshold = 15, keys_first = true, staged_stores = true>},
  // 414, 392 with three warpgroups; from the first block on 405 and 409 (with turns), 402 and 396; programs overlapped 420, 411; 1024 keys 350, 339
  {head_dim = 80, value_dim = 80, mask = "causal", type = bf16, length = 2048,
   plan = #tile.plan<target = "sm_90a", query_tile = 128, kv_tile = 128, warpgroups = 2, stages = 2, overlap = true, ping_pong = true, persistent = true, rescale_threshold = 15, keys_first = true, staged_stores = true, ascending = true, overlap_programs = true>},
  // 472, 463; from the first block on 472, 459 and 455
  {head_dim = 80, value_dim = 80, mask = "causal", type = bf16, length = 4096,
   plan = #tile.plan<target = "sm_90a", query_tile = 192, kv_tile = 96, warpgroups = 3, stages = 2, overlap = true, ping_pong = false, persistent = true, rescale_threshold = 15, keys_first = true, staged_stores = true, ascending = true>},
  // 518, 489; from the first block on 516, 509 and 506
  {head_dim = 80, value_dim = 80, mask = "causal", type = bf16, length = 8192,
   plan = #tile.plan<target = "sm_90a", query_tile = 192, kv_tile = 96, warpgroups = 3, stages = 2, overlap = true, ping_pong = false, persistent = true, rescale_threshold = 15, keys_first = true, staged_stores = true, ascending = true>},
  // 538, 514
  {head_dim = 80, value_dim = 80, mask = "causal", type = bf16, length = 16384,
   plan = #tile.plan<target = "sm_90a", query_tile = 192, kv_tile = 96, warpgroups = 3, stages = 2, overlap = true, ping_pong = false, persistent = true, rescale_threshold = 15, keys_first = true, staged_stores = true>},
  // 240.9, 337.2, 403.1, 480.0, within 1 % of the best at 16384; 228.7, 323.4, 384.6, 461.1, 466.8; 512 keys from the first block on 255, 236; 1024 336, 335
  {head_dim = 80, value_dim = 80, mask = "causal", type = bf16,
   plan = #tile.plan<target = "sm_90a", query_tile = 128, kv_tile = 128, warpgroups = 2, stages = 2, overlap = true, ping_pong = false, persistent = true, rescale_threshold = 15, keys_first = true, staged_stores = true, ascending = true>},
  // 554, 545 with three warpgroups; programs overlapped 559, 549; 1024 keys 517, 508
  {head_dim = 96, value_dim = 96, mask = "all", type = bf16, length = 2048,
   plan = #tile.plan<target = "sm_90a", query_tile = 128, kv_tile = 128, warpgroups = 2, stages = 2, overlap = true, ping_pong = false, persistent = true, rescale_threshold = 15, keys_first = true, staged_stores = true, overlap_programs = true>},
  // 595, 585
  {head_dim = 96, value_dim = 96, mask = "all", type = bf16, length = 4096,
   plan = #tile.plan<target = "sm_90a", query_tile = 192, kv_tile = 96, warpgroups = 3, stages = 2, overlap = true, ping_pong = false, persistent = true, rescale_threshold = 15, keys_first = true, staged_stores = true>},
  // 614, 588; since with ends of its own 624 and 623, 609 and 609 without
  {head_dim = 96, value_dim = 96, mask = "all", type = bf16, length = 8192,
   plan = #tile.plan<target = "sm_90a", query_tile = 192, kv_tile = 96, warpgroups = 3, stages = 2, overlap = true, ping_pong = false, persistent = true, rescale_threshold = 15, keys_first = true, staged_stores = true, ascending = true, own_ends = true>},
  // 623, 596
  {head_dim = 96, value_dim = 96, mask = "all", type = bf16, length = 16384,
   plan = #tile.plan<target = "sm_90a", query_tile = 192, kv_tile = 96, warpgroups = 3, stages = 2, overlap = true, ping_pong = false, persistent = true, rescale_threshold = 15, keys_first = true, staged_stores = true>},
  // 438.9, 479.8, at 2048 within 1 % of the best, 606.2, 607.3; 409.3, 477.8, 525.3, 543.5, 538.8
  {head_dim = 96, value_dim = 96, mask = "all", type = bf16,
   plan = #tile.plan<target = "sm_90a", query_tile = 128, kv_tile = 128, warpgroups = 2, stages = 2, overlap = true, ping_pong = false, persistent = true, rescale_threshold = 15, keys_first = true, staged_stores = true>},
  // 266.0; 255.4; from the first block on 284, 271; programs overlapped 297, 284; 1024 keys 398, 382
  {head_dim = 96, value_dim = 96, mask = "causal", type = bf16, length = 512,
   plan = #tile.plan<target = "sm_90a", query_tile = 128, kv_tile = 128, warpgroups = 2, stages = 2, overlap = true, ping_pong = false, persistent = true, rescale_threshold = 15, keys_first = true, staged_stores = true, ascending = true, overlap_programs = true>},
  // 538, 517 with three warpgroups; from the first block on 517 (with turns), 515 and 508; programs overlapped 536, 527; 2048 keys 484, 468
  {head_dim = 96, value_dim = 96, mask = "causal", type = bf16, length = 4096,
   plan = #tile.plan<target = "sm_90a", query_tile = 128, kv_tile = 128, warpgroups = 2, stages = 2, overlap = true, ping_pong = true, persistent = true, rescale_threshold = 15, keys_first = true, staged_stores = true, ascending = true, overlap_programs = true>},
  // 574, 562
  {head_dim = 96, value_dim = 96, mask = "causal", type = bf16, length = 8192,
   plan = #tile.plan<target = "sm_90a", query_tile = 192, kv_tile = 96, warpgroups = 3, stages = 2, overlap = true, ping_pong = false, persistent = true, rescale_threshold = 15, keys_first = true, ascending = true>},
  // 594, 567
  {head_dim = 96, value_dim = 96, mask = "causal", type = bf16, length = 16384,
   plan = #tile.plan<target = "sm_90a", query_tile = 192, kv_tile = 96, warpgroups = 3, stages = 2, overlap = true, ping_pong = false, persistent = true, rescale_threshold = 15, keys_first = true>},
  // 373.5, 460.6, 554.6 at 1024 to 8192, the cost model's choice; 1024 and 2048 keys from the first block on, with turns and keys first 381 and 464, 371 and 453
  {head_dim = 96, value_dim = 96, mask = "causal", type = bf16,
   plan = #tile.plan<target = "sm_90a", query_tile = 128, kv_tile = 128, warpgroups = 2, stages = 2, overlap = true, ping_pong = true, persistent = true, rescale_threshold = 15, staged_stores = true, keys_first = true, ascending = true>},
  // 550, 512 with three warpgroups
  {head_dim = 112, value_dim = 112, mask = "all", type = bf16, length = 1024,
   plan = #tile.plan<target = "sm_90a", query_tile = 128, kv_tile = 128, warpgroups = 2, stages = 2, overlap = true, ping_pong = false, persistent = true, rescale_threshold = 15, keys_first = true>},
  // 586, 561
  {head_dim = 112, value_dim = 112, mask = "all", type = bf16, length = 2048,
   plan = #tile.plan<target = "sm_90a", query_tile = 192, kv_tile = 80, warpgroups = 3, stages = 2, overlap = true, ping_pong = false, persistent = true, rescale_threshold = 15, keys_first = true, staged_stores = true>},
  // 633, 623
  {head_dim = 112, value_dim = 112, mask = "all", type = bf16, length = 4096,
   plan = #tile.plan<target = "sm_90a", query_tile = 192, kv_tile = 80, warpgroups = 3, stages = 2, overlap = true, ping_pong = false, persistent = true, rescale_threshold = 15, keys_first = true, staged_stores = true>},
  // 641, 620
  {head_dim = 112, value_dim = 112, mask = "all", type = bf16, length = 8192,
   plan = #tile.plan<target = "sm_90a", query_tile = 192, kv_tile = 80, warpgroups = 3, stages = 2, overlap = true, ping_pong = false, persistent = true, rescale_threshold = 15, keys_first = true, staged_stores = true>},
  // 657, 631
  {head_dim = 112, value_dim = 112, mask = "all", type = bf16, length = 16384,
   plan = #tile.plan<target = "sm_90a", query_tile = 192, kv_tile = 80, warpgroups = 3, stages = 2, overlap = true, ping_pong = false, persistent = true, rescale_threshold = 15, keys_first = true, staged_stores = true>},
  // 453.7, 534.6, 588.4, 641.3, 657.5; 415.3, 506.0, 546.4, 594.5, 611.2
  {head_dim = 112, value_dim = 112, mask = "all", type = bf16,
   plan = #tile.plan<target = "sm_90a", query_tile = 128, kv_tile = 128, warpgroups = 2, stages = 2, overlap = true, ping_pong = false, persistent = true, rescale_threshold = 15, keys_first = true>},
  // 395.6 at 1024, 481.0 at 2048, 599.3 at 8192 in another run; 392.4, 478.3, 580.3; 1024 to 4096 from the first block on, with turns and staged stores 393, 499, 558; 379, 481, 553; programs overlapped 507 at 2048, 572 at 4096; 496, 556
  {head_dim = 112, value_dim = 112, mask = "causal", type = bf16, length = 2048,
   plan = #tile.plan<target = "sm_90a", query_tile = 128, kv_tile = 128, warpgroups = 2, stages = 2, overlap = true, ping_pong = true, persistent = true, rescale_threshold = 15, keys_first = true, staged_stores = true, ascending = true, overlap_programs = true>},
  // As above
  {head_dim = 112, value_dim = 112, mask = "causal", type = bf16,
   plan = #tile.plan<target = "sm_90a", query_tile = 128, kv_tile = 128, warpgroups = 2, stages = 2, overlap = true, ping_pong = true, persistent = true, rescale_threshold = 15, keys_first = true, staged_stores = true, ascending = true>},
  // 608, 604 and 584 with tiles of 128 queries
  {head_dim = 112, value_dim = 112, mask = "causal", type = bf16, length = 8192,
   plan = #tile.plan<target = "sm_90a", query_tile = 192, kv_tile = 80, warpgroups = 3, stages = 2, overlap = true, ping_pong = false, persistent = true, rescale_threshold = 15, keys_first = true, staged_stores = true, ascending = true>},
  // 499.9; 471.2
  {head_dim = 192, value_dim = 192, mask = "all", type = bf16, length = 512,
   plan = #tile.plan<target = "sm_90a", query_tile = 128, kv_tile = 112, warpgroups = 2, stages = 2, overlap = true, ping_pong = false, persistent = true, rescale_threshold = 15, keys_first = true>},
  // 596 and 585, 550 and 574 with 112 keys
  {head_dim = 192, value_dim = 192, mask = "all", type = bf16, length = 1024,
   plan = #tile.plan<target = "sm_90a", query_tile = 128, kv_tile = 80, warpgroups = 2, stages = 2, overlap = true, ping_pong = false, persistent = true, rescale_threshold = 15, keys_first = true>},
  // 642, 636 with keys first; the cost model's choice
  {head_dim = 192, value_dim = 192, mask = "all", type = bf16, length = 2048,
   plan = #tile.plan<target = "sm_90a", query_tile = 128, kv_tile = 112, warpgroups = 2, stages = 2, overlap = true, ping_pong = false, persistent = true, rescale_threshold = 15>},
  // 703, 692 with 112 keys
  {head_dim = 192, value_dim = 192, mask = "all", type = bf16, length = 4096,
   plan = #tile.plan<target = "sm_90a", query_tile = 128, kv_tile = 80, warpgroups = 2, stages = 2, overlap = true, ping_pong = false, persistent = true, rescale_threshold = 15, keys_first = true>},
  // 720 and 716, 710 and 708 with 112 keys
  {head_dim = 192, value_dim = 192, mask = "all", type = bf16, length = 8192,
   plan = #tile.plan<target = "sm_90a", query_tile = 128, kv_tile = 80, warpgroups = 2, stages = 2, overlap = true, ping_pong = false, persistent = true, rescale_threshold = 15, keys_first = true>},
  // 736, 730 with 112 keys
  {head_dim = 192, value_dim = 192, mask = "all", type = bf16, length = 16384,
   plan = #tile.plan<target = "sm_90a", query_tile = 128, kv_tile = 80, warpgroups = 2, stages = 2, overlap = true, ping_pong = false, persistent = true, rescale_threshold = 15, keys_first = true>},
  // the cost model's choice
  {head_dim = 192, value_dim = 192, mask = "all", type = bf16,
   plan = #tile.plan<target = "sm_90a", query_tile = 128, kv_tile = 112, warpgroups = 2, stages = 2, overlap = true, ping_pong = false, persistent = true, rescale_threshold = 15>},
  // 276.4; 236.6; from the first block on 302, 286
  {head_dim = 192, value_dim = 192, mask = "causal", type = bf16, length = 512,
   plan = #tile.plan<target = "sm_90a", query_tile = 128, kv_tile = 80, warpgroups = 2, stages = 2, overlap = true, ping_pong = false, persistent = true, rescale_threshold = 15, keys_first = true, ascending = true>},
  // 389, 376; with 80 keys, which come first, and turns 428, 414 and 413
  {head_dim = 192, value_dim = 192, mask = "causal", type = bf16, length = 1024,
   plan = #tile.plan<target = "sm_90a", query_tile = 128, kv_tile = 80, warpgroups = 2, stages = 2, overlap = true, ping_pong = true, persistent = true, rescale_threshold = 15, ascending = true, keys_first = true>},
  // 534, 520; with turns 552, 547 and 547
  {head_dim = 192, value_dim = 192, mask = "causal", type = bf16, length = 2048,
   plan = #tile.plan<target = "sm_90a", query_tile = 128, kv_tile = 80, warpgroups = 2, stages = 2, overlap = true, ping_pong = true, persistent = true, rescale_threshold = 15, keys_first = true, ascending = true>},
  // 677 and 677, 644 and 674, two runs
  {head_dim = 192, value_dim = 192, mask = "causal", type = bf16, length = 8192,
   plan = #tile.plan<target = "sm_90a", query_tile = 128, kv_tile = 112, warpgroups = 2, stages = 2, overlap = true, ping_pong = false, persistent = true, rescale_threshold = 15, ascending = true>},
  // 741.0; 693.2
  {head_dim = 192, value_dim = 192, mask = "causal", type = bf16, length = 16384,
   plan = #tile.plan<target = "sm_90a", query_tile = 128, kv_tile = 112, warpgroups = 2, stages = 2, overlap = true, ping_pong = false, persistent = true, rescale_threshold = 15, keys_first = true>},
  // the cost model's choice
  {head_dim = 192, value_dim = 192, mask = "causal", type = bf16,
   plan = #tile.plan<target = "sm_90a", query_tile = 128, kv_tile = 112, warpgroups = 2, stages = 2, overlap = true, ping_pong = false, persistent = true, rescale_threshold = 15>},
  // 476.0; 426.8
  {head_dim = 192, value_dim = 128, mask = "all", type = bf16, length = 512,
   plan = #tile.plan<target = "sm_90a", query_tile = 128, kv_tile = 96, warpgroups = 2, stages = 2, overlap = true, ping_pong = false, persistent = true, rescale_threshold = 15, keys_first = true, staged_stores = true>},
  // 593.1; 563.4
  {head_dim = 192, value_dim = 128, mask = "all", type = bf16, length = 1024,
   plan = #tile.plan<target = "sm_90a", query_tile = 128, kv_tile = 96, warpgroups = 2, stages = 2, overlap = true, ping_pong = false, persistent = true, rescale_threshold = 15, keys_first = true, staged_stores = true>},
  // On an H200 712 and 700, 690 and 678 with the plan of 1024 keys, 681 with this one without clusters
  {head_dim = 192, value_dim = 128, mask = "all", type = bf16, length = 8192,
   plan = #tile.plan<target = "sm_90a", query_tile = 128, kv_tile = 128, warpgroups = 2, stages = 2, overlap = true, ping_pong = false, persistent = true, rescale_threshold = 15, keys_first = true, ascending = true, cluster = 2>},
  // 652.6, 730.9, 739.2 from 2048 on; 621.7, 712.7, 702.6
  {head_dim = 192, value_dim = 128, mask = "all", type = bf16,
   plan = #tile.plan<target = "sm_90a", query_tile = 128, kv_tile = 128, warpgroups = 2, stages = 2, overlap = true, ping_pong = false, persistent = true, rescale_threshold = 15, keys_first = true>},
  // 283, 276 from the last block on
  {head_dim = 192, value_dim = 128, mask = "causal", type = bf16, length = 512,
   plan = #tile.plan<target = "sm_90a", query_tile = 128, kv_tile = 96, warpgroups = 2, stages = 2, overlap = true, ping_pong = false, persistent = true, rescale_threshold = 15, keys_first = true, ascending = true>},
  // 705.0; 681.5
  {head_dim = 192, value_dim = 128, mask = "causal", type = bf16, length = 16384,
   plan = #tile.plan<target = "sm_90a", query_tile = 128, kv_tile = 128, warpgroups = 2, stages = 2, overlap = true, ping_pong = false, persistent = true, rescale_threshold = 15, keys_first = true>},
  // 411 and 406, 374 and 375 from the last block on
  {head_dim = 192, value_dim = 128, mask = "causal", type = bf16, length = 1024,
   plan = #tile.plan<target = "sm_90a", query_tile = 128, kv_tile = 96, warpgroups = 2, stages = 2, overlap = true, ping_pong = false, persistent = true, rescale_threshold = 15, keys_first = true, ascending = true>},
  // 524, 477
  {head_dim = 192, value_dim = 128, mask = "causal", type = bf16, length = 2048,
   plan = #tile.plan<target = "sm_90a", query_tile = 128, kv_tile = 96, warpgroups = 2, stages = 2, overlap = true, ping_pong = false, persistent = true, rescale_threshold = 15, keys_first = true, ascending = true>},
  // 610, 608 from the first block on; since 612 and 611, 619 from the first block on
  {head_dim = 192, value_dim = 128, mask = "causal", type = bf16, length = 4096,
   plan = #tile.plan<target = "sm_90a", query_tile = 128, kv_tile = 128, warpgroups = 2, stages = 2, overlap = true, ping_pong = false, persistent = true, rescale_threshold = 15, ascending = true>},
  // 425.7, 530.3 within 1 %, 680.7, the cost model's choice
  {head_dim = 192, value_dim = 128, mask = "causal", type = bf16,
   plan = #tile.plan<target = "sm_90a", query_tile = 128, kv_tile = 128, warpgroups = 2, stages = 2, overlap = true, ping_pong = false, persistent = true, rescale_threshold = 15>}
]
