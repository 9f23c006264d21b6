// Where a launch is known to have less than two equal programs a multiprocessor, the cost model weighs the table's plan, which is for
// launches that fill the machine, against others. 4096 queries of 8 heads are 176 programs of 192 rows: 132 and then 44. As 256
// programs of 128 rows they take two thirds of that.
// RUN: attn-opt %s --split-input-file --attn-cuda="stop-after=planned length-hint=4096" --remark-format=emitRemark --remarks-filter=attn-choose-plan -o /dev/null 2>&1 | FileCheck %s
// Nothing follows most programs, so what is for the next one is left out.
// CHECK: query_tile = 128, {{.*}}stages = 2, {{.*}}ping_pong = false, rescale_threshold = 15>, by the cost model, {{.*}}; runner-up #tile.plan<
func.func @few(%q: tensor<1x8x?x128xbf16>, %k: tensor<1x8x?x128xbf16>, %v: tensor<1x8x?x128xbf16>) -> tensor<1x8x?x128xbf16> {
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 8>)
      : (tensor<1x8x?x128xbf16>, tensor<1x8x?x128xbf16>, tensor<1x8x?x128xbf16>) -> tensor<1x8x?x128xbf16>
  return %out : tensor<1x8x?x128xbf16>
}

// -----

// At head_dim 64 the table's tiles of 256 rows are 128 programs, one for each multiprocessor. What is for the next one is left out too.
// CHECK: query_tile = 256, {{.*}}stages = 2, {{.*}}ping_pong = false, rescale_threshold = 15, sum_column = true>, {{.*}}; runner-up #tile.plan<
func.func @one_each(%q: tensor<1x8x?x64xbf16>, %k: tensor<1x8x?x64xbf16>, %v: tensor<1x8x?x64xbf16>) -> tensor<1x8x?x64xbf16> {
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 8>)
      : (tensor<1x8x?x64xbf16>, tensor<1x8x?x64xbf16>, tensor<1x8x?x64xbf16>) -> tensor<1x8x?x64xbf16>
  return %out : tensor<1x8x?x64xbf16>
}

// -----

// CHECK: query_tile = 256, {{.*}}sum_column = true>, from the compiler's table, entry head_dim 64/64, all, bf16, group 1, length 4096
func.func @many(%q: tensor<4x8x?x64xbf16>, %k: tensor<4x8x?x64xbf16>, %v: tensor<4x8x?x64xbf16>) -> tensor<4x8x?x64xbf16> {
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 8>)
      : (tensor<4x8x?x64xbf16>, tensor<4x8x?x64xbf16>, tensor<4x8x?x64xbf16>) -> tensor<4x8x?x64xbf16>
  return %out : tensor<4x8x?x64xbf16>
}

// -----

// A batch that the launch says is not counted.
// CHECK: query_tile = 256, {{.*}}>, from the compiler's table, entry head_dim 64/64, all, bf16, group 1, length 4096
func.func @open(%q: tensor<?x8x?x64xbf16>, %k: tensor<?x8x?x64xbf16>, %v: tensor<?x8x?x64xbf16>) -> tensor<?x8x?x64xbf16> {
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 8>)
      : (tensor<?x8x?x64xbf16>, tensor<?x8x?x64xbf16>, tensor<?x8x?x64xbf16>) -> tensor<?x8x?x64xbf16>
  return %out : tensor<?x8x?x64xbf16>
}

// -----

// Under a causal mask programs differ, and the persistent kernel of the table balances them.
// But the longest of 256 rows would take longer than a block's share of all: 128 rows, of the entry for 256 keys.
// CHECK: query_tile = 128, {{.*}}persistent = true, {{.*}}>, from the compiler's table, entry head_dim 64/64, causal, bf16, group 1, length 256
func.func @causal(%q: tensor<1x8x?x64xbf16>, %k: tensor<1x8x?x64xbf16>, %v: tensor<1x8x?x64xbf16>) -> tensor<1x8x?x64xbf16> {
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 8>) causality(#attn.causality<top_left>)
      : (tensor<1x8x?x64xbf16>, tensor<1x8x?x64xbf16>, tensor<1x8x?x64xbf16>) -> tensor<1x8x?x64xbf16>
  return %out : tensor<1x8x?x64xbf16>
}

// -----

// 64 heads have programs enough.
// CHECK: query_tile = 256, {{.*}}own_ends = true>, from the compiler's table, entry head_dim 64/64, causal, bf16, group 1, length 4096
func.func @causal_many(%q: tensor<8x8x?x64xbf16>, %k: tensor<8x8x?x64xbf16>, %v: tensor<8x8x?x64xbf16>) -> tensor<8x8x?x64xbf16> {
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 8, kv = 8>) causality(#attn.causality<top_left>)
      : (tensor<8x8x?x64xbf16>, tensor<8x8x?x64xbf16>, tensor<8x8x?x64xbf16>) -> tensor<8x8x?x64xbf16>
  return %out : tensor<8x8x?x64xbf16>
}

// -----

// 1024 queries are five tiles of 192 rows and a third of one: of an entry for fewer keys, tiles of 128.
// CHECK: query_tile = 128, {{.*}}>, from the compiler's table, entry head_dim 128/128, all, bf16, group 1, length 1024
func.func @rows(%q: tensor<4x16x1024x128xbf16>, %k: tensor<4x16x?x128xbf16>, %v: tensor<4x16x?x128xbf16>) -> tensor<4x16x1024x128xbf16> {
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 16, kv = 16>)
      : (tensor<4x16x1024x128xbf16>, tensor<4x16x?x128xbf16>, tensor<4x16x?x128xbf16>) -> tensor<4x16x1024x128xbf16>
  return %out : tensor<4x16x1024x128xbf16>
}

// -----

// 14 heads of 22 tiles of 192 rows are 308 programs: two rounds and a third one. 448 of 128 rows are nearly four.
// CHECK: query_tile = 128, {{.*}}>, from the compiler's table, entry head_dim 128/128, all, bf16, group 1, length 1024
func.func @rounds(%q: tensor<1x14x4096x128xbf16>, %k: tensor<1x14x?x128xbf16>, %v: tensor<1x14x?x128xbf16>) -> tensor<1x14x4096x128xbf16> {
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 14, kv = 14>)
      : (tensor<1x14x4096x128xbf16>, tensor<1x14x?x128xbf16>, tensor<1x14x?x128xbf16>) -> tensor<1x14x4096x128xbf16>
  return %out : tensor<1x14x4096x128xbf16>
}

// -----

// Queries that are the last of many more keys have about as many keys each under a causal mask too: their few programs are equal.
// CHECK: query_tile = 128, {{.*}}ping_pong = false, rescale_threshold = 15, ascending = true>, by the cost model
func.func @last(%q: tensor<1x16x512x128xbf16>, %k: tensor<1x16x?x128xbf16>, %v: tensor<1x16x?x128xbf16>) -> tensor<1x16x512x128xbf16> {
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 16, kv = 16>) causality(#attn.causality<bottom_right>)
      : (tensor<1x16x512x128xbf16>, tensor<1x16x?x128xbf16>, tensor<1x16x?x128xbf16>) -> tensor<1x16x512x128xbf16>
  return %out : tensor<1x16x512x128xbf16>
}

// -----

// Not where they are the first: the mean one has half of the longest one's keys.
// CHECK: query_tile = 128, {{.*}}persistent = true, {{.*}}>, from the compiler's table, entry head_dim 128/128, causal
func.func @first(%q: tensor<1x16x512x128xbf16>, %k: tensor<1x16x?x128xbf16>, %v: tensor<1x16x?x128xbf16>) -> tensor<1x16x512x128xbf16> {
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 16, kv = 16>) causality(#attn.causality<top_left>)
      : (tensor<1x16x512x128xbf16>, tensor<1x16x?x128xbf16>, tensor<1x16x?x128xbf16>) -> tensor<1x16x512x128xbf16>
  return %out : tensor<1x16x512x128xbf16>
}

// -----

// 384 programs of 192 rows are three rounds. A ninth of the rows is empty, which is less than what the tiles gain under a causal mask.
// CHECK: query_tile = 192, {{.*}}>, from the compiler's table, entry head_dim 128/128, causal, bf16, group 1, length 16384
func.func @last_many(%q: tensor<4x16x1024x128xbf16>, %k: tensor<4x16x16384x128xbf16>, %v: tensor<4x16x16384x128xbf16>) -> tensor<4x16x1024x128xbf16> {
  %out = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 16, kv = 16>) causality(#attn.causality<bottom_right>)
      : (tensor<4x16x1024x128xbf16>, tensor<4x16x16384x128xbf16>, tensor<4x16x16384x128xbf16>) -> tensor<4x16x1024x128xbf16>
  return %out : tensor<4x16x1024x128xbf16>
}
