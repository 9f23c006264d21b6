// ALiBi (arXiv 2108.12409) with 8 heads: head h subtracts 2^-(h + 1) for every key between query and key.
func.func @alibi(%q: tensor<?x8x?x64xbf16>, %k: tensor<?x8x?x64xbf16>, %v: tensor<?x8x?x64xbf16>)
    -> tensor<?x8x?x64xbf16> {
  %out = attn.attention %q, %k, %v
      heads(#attn.head_grouping<query = 8, kv = 8>)
      causality(#attn.causality<top_left>)
      score {
      ^bb0(%s: f32, %b: index, %h: index, %i: index, %j: index):
        %head = arith.index_cast %h : index to i32
        %number = arith.sitofp %head : i32 to f32
        %one = arith.constant 1.0 : f32
        %exponent = arith.addf %number, %one : f32
        %negative = arith.negf %exponent : f32
        %slope = math.exp2 %negative : f32
        %distance = arith.subi %j, %i : index
        %steps = arith.index_cast %distance : index to i32
        %length = arith.sitofp %steps : i32 to f32
        %bias = arith.mulf %slope, %length : f32
        %sum = arith.addf %s, %bias : f32
        attn.yield %sum : f32
      }
      : (tensor<?x8x?x64xbf16>, tensor<?x8x?x64xbf16>, tensor<?x8x?x64xbf16>) -> tensor<?x8x?x64xbf16>
  return %out : tensor<?x8x?x64xbf16>
}
