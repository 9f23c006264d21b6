// Longformer: a window of 128 keys to each side, and 16 global tokens that see all and that all see.
func.func @longformer(%q: tensor<?x8x?x64xbf16>, %k: tensor<?x8x?x64xbf16>, %v: tensor<?x8x?x64xbf16>)
    -> tensor<?x8x?x64xbf16> {
  %out = attn.attention %q, %k, %v
      heads(#attn.head_grouping<query = 8, kv = 8>)
      mask {
      ^bb0(%b: index, %h: index, %i: index, %j: index):
        %window = arith.constant 128 : index
        %minus_window = arith.constant -128 : index
        %globals = arith.constant 16 : index
        %distance = arith.subi %i, %j : index
        %not_left = arith.cmpi sle, %distance, %window : index
        %not_right = arith.cmpi sge, %distance, %minus_window : index
        %near = arith.andi %not_left, %not_right : i1
        %global_key = arith.cmpi slt, %j, %globals : index
        %global_query = arith.cmpi slt, %i, %globals : index
        %global = arith.ori %global_key, %global_query : i1
        %allowed = arith.ori %near, %global : i1
        attn.yield %allowed : i1
      }
      : (tensor<?x8x?x64xbf16>, tensor<?x8x?x64xbf16>, tensor<?x8x?x64xbf16>) -> tensor<?x8x?x64xbf16>
  return %out : tensor<?x8x?x64xbf16>
}
