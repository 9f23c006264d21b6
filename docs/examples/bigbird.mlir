// BigBird (arXiv 2007.14062) in blocks of 64: the first block sees everything and is seen by every query; besides it a query
// sees its own block, the two beside it, and three that a table of random blocks names for its block.
func.func @bigbird(%q: tensor<?x12x?x64xbf16>, %k: tensor<?x12x?x64xbf16>, %v: tensor<?x12x?x64xbf16>, %table: tensor<?x3xi32>)
    -> tensor<?x12x?x64xbf16> {
  %out = attn.attention %q, %k, %v captures(%table)
      heads(#attn.head_grouping<query = 12, kv = 12>)
      mask {
      ^bb0(%b: index, %h: index, %i: index, %j: index, %random: tensor<?x3xi32>):
        %c0 = arith.constant 0 : index
        %c1 = arith.constant 1 : index
        %c2 = arith.constant 2 : index
        %size = arith.constant 64 : index
        %from = arith.divui %i, %size : index
        %to = arith.divui %j, %size : index
        %first_query = arith.cmpi eq, %from, %c0 : index
        %first_key = arith.cmpi eq, %to, %c0 : index
        %global = arith.ori %first_query, %first_key : i1
        %after = arith.addi %from, %c1 : index
        %above = arith.cmpi sle, %to, %after : index
        %behind = arith.addi %to, %c1 : index
        %below = arith.cmpi sle, %from, %behind : index
        %window = arith.andi %above, %below : i1
        %near = arith.ori %global, %window : i1
        %block = arith.index_cast %to : index to i32
        %t0 = tensor.extract %random[%from, %c0] : tensor<?x3xi32>
        %t1 = tensor.extract %random[%from, %c1] : tensor<?x3xi32>
        %t2 = tensor.extract %random[%from, %c2] : tensor<?x3xi32>
        %m0 = arith.cmpi eq, %block, %t0 : i32
        %m1 = arith.cmpi eq, %block, %t1 : i32
        %m2 = arith.cmpi eq, %block, %t2 : i32
        %m01 = arith.ori %m0, %m1 : i1
        %drawn = arith.ori %m01, %m2 : i1
        %allowed = arith.ori %near, %drawn : i1
        attn.yield %allowed : i1
      }
      : (tensor<?x12x?x64xbf16>, tensor<?x12x?x64xbf16>, tensor<?x12x?x64xbf16>, tensor<?x3xi32>) -> tensor<?x12x?x64xbf16>
  return %out : tensor<?x12x?x64xbf16>
}
