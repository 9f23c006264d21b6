// T5 (arXiv 1910.10683): a learned bias for each head and bucket of the distance, 32 buckets. Distances below 8 have a
// bucket each, then buckets grow by sqrt(2) up to 128; keys behind the query have the upper 16. The bounds are written as
// integers, so that no rounding moves a distance to another bucket.
func.func @t5_bias(%q: tensor<?x8x?x64xbf16>, %k: tensor<?x8x?x64xbf16>, %v: tensor<?x8x?x64xbf16>,
                   %table: tensor<32x8xf32>) -> tensor<?x8x?x64xbf16> {
  %out = attn.attention %q, %k, %v captures(%table)
      heads(#attn.head_grouping<query = 8, kv = 8>)
      scale(1.0)
      score {
      ^bb0(%s: f32, %b: index, %h: index, %i: index, %j: index, %biases: tensor<32x8xf32>):
        %zero = arith.constant 0 : index
        %behind = arith.cmpi sgt, %j, %i : index
        %forward = arith.subi %j, %i : index
        %backward = arith.subi %i, %j : index
        %distance = arith.maxsi %forward, %backward : index
        %exact = arith.constant 8 : index
        %first = arith.minsi %distance, %exact : index
        %bound0 = arith.constant 12 : index
        %beyond0 = arith.cmpi sge, %distance, %bound0 : index
        %step0 = arith.extui %beyond0 : i1 to i32
        %more0 = arith.index_cast %step0 : i32 to index
        %bucket0 = arith.addi %first, %more0 : index
        %bound1 = arith.constant 16 : index
        %beyond1 = arith.cmpi sge, %distance, %bound1 : index
        %step1 = arith.extui %beyond1 : i1 to i32
        %more1 = arith.index_cast %step1 : i32 to index
        %bucket1 = arith.addi %bucket0, %more1 : index
        %bound2 = arith.constant 23 : index
        %beyond2 = arith.cmpi sge, %distance, %bound2 : index
        %step2 = arith.extui %beyond2 : i1 to i32
        %more2 = arith.index_cast %step2 : i32 to index
        %bucket2 = arith.addi %bucket1, %more2 : index
        %bound3 = arith.constant 32 : index
        %beyond3 = arith.cmpi sge, %distance, %bound3 : index
        %step3 = arith.extui %beyond3 : i1 to i32
        %more3 = arith.index_cast %step3 : i32 to index
        %bucket3 = arith.addi %bucket2, %more3 : index
        %bound4 = arith.constant 46 : index
        %beyond4 = arith.cmpi sge, %distance, %bound4 : index
        %step4 = arith.extui %beyond4 : i1 to i32
        %more4 = arith.index_cast %step4 : i32 to index
        %bucket4 = arith.addi %bucket3, %more4 : index
        %bound5 = arith.constant 64 : index
        %beyond5 = arith.cmpi sge, %distance, %bound5 : index
        %step5 = arith.extui %beyond5 : i1 to i32
        %more5 = arith.index_cast %step5 : i32 to index
        %bucket5 = arith.addi %bucket4, %more5 : index
        %bound6 = arith.constant 91 : index
        %beyond6 = arith.cmpi sge, %distance, %bound6 : index
        %step6 = arith.extui %beyond6 : i1 to i32
        %more6 = arith.index_cast %step6 : i32 to index
        %bucket6 = arith.addi %bucket5, %more6 : index
        %half = arith.constant 16 : index
        %offset = arith.select %behind, %half, %zero : index
        %bucket = arith.addi %bucket6, %offset : index
        %bias = tensor.extract %biases[%bucket, %h] : tensor<32x8xf32>
        %sum = arith.addf %s, %bias : f32
        attn.yield %sum : f32
      }
      : (tensor<?x8x?x64xbf16>, tensor<?x8x?x64xbf16>, tensor<?x8x?x64xbf16>, tensor<32x8xf32>) -> tensor<?x8x?x64xbf16>
  return %out : tensor<?x8x?x64xbf16>
}
