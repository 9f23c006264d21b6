// Speculative decoding: the queries are draft tokens that form a tree. %nodes numbers the draft tokens among the keys from
// 0, and is -1 at keys of the context; bit n of %ancestors says whether node n is the query itself or lies above it.
func.func @tree(%q: tensor<?x32x?x128xbf16>, %k: tensor<?x8x?x128xbf16>, %v: tensor<?x8x?x128xbf16>,
                %ancestors: tensor<?xi32>, %nodes: tensor<?xi32>) -> tensor<?x32x?x128xbf16> {
  %out = attn.attention %q, %k, %v captures(%ancestors, %nodes)
      heads(#attn.head_grouping<query = 32, kv = 8>)
      causality(#attn.causality<bottom_right>)
      mask {
      ^bb0(%b: index, %h: index, %i: index, %j: index, %above: tensor<?xi32>, %of_key: tensor<?xi32>):
        %zero = arith.constant 0 : i32
        %one = arith.constant 1 : i32
        %bits = arith.constant 31 : i32
        %node = tensor.extract %of_key[%j] : tensor<?xi32>
        %context = arith.cmpi slt, %node, %zero : i32
        %mask = tensor.extract %above[%i] : tensor<?xi32>
        %place = arith.andi %node, %bits : i32
        %shifted = arith.shrui %mask, %place : i32
        %bit = arith.andi %shifted, %one : i32
        %ancestor = arith.cmpi eq, %bit, %one : i32
        %allowed = arith.ori %context, %ancestor : i1
        attn.yield %allowed : i1
      }
      : (tensor<?x32x?x128xbf16>, tensor<?x8x?x128xbf16>, tensor<?x8x?x128xbf16>, tensor<?xi32>, tensor<?xi32>)
      -> tensor<?x32x?x128xbf16>
  return %out : tensor<?x32x?x128xbf16>
}
