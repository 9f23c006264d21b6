// A 2-D neighbourhood (NATTEN): tokens of a grid 32 wide, each seeing 3 rows and 3 columns to each side.
func.func @neighbourhood(%q: tensor<?x8x?x64xbf16>, %k: tensor<?x8x?x64xbf16>, %v: tensor<?x8x?x64xbf16>)
    -> tensor<?x8x?x64xbf16> {
  %out = attn.attention %q, %k, %v
      heads(#attn.head_grouping<query = 8, kv = 8>)
      mask {
      ^bb0(%b: index, %h: index, %i: index, %j: index):
        %width = arith.constant 32 : index
        %radius = arith.constant 3 : index
        %minus_radius = arith.constant -3 : index
        %qy = arith.divui %i, %width : index
        %qx = arith.remui %i, %width : index
        %ky = arith.divui %j, %width : index
        %kx = arith.remui %j, %width : index
        %dy = arith.subi %qy, %ky : index
        %dx = arith.subi %qx, %kx : index
        %above = arith.cmpi sle, %dy, %radius : index
        %below = arith.cmpi sge, %dy, %minus_radius : index
        %left = arith.cmpi sle, %dx, %radius : index
        %right = arith.cmpi sge, %dx, %minus_radius : index
        %rows = arith.andi %above, %below : i1
        %columns = arith.andi %left, %right : i1
        %allowed = arith.andi %rows, %columns : i1
        attn.yield %allowed : i1
      }
      : (tensor<?x8x?x64xbf16>, tensor<?x8x?x64xbf16>, tensor<?x8x?x64xbf16>) -> tensor<?x8x?x64xbf16>
  return %out : tensor<?x8x?x64xbf16>
}
