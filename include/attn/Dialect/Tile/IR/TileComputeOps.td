// Operations of the stages tiled, stepped and laid-out, which compute on tiles: both targets share the first two.
#ifndef ATTN_DIALECT_TILE_COMPUTE_OPS_TD
#define ATTN_DIALECT_TILE_COMPUTE_OPS_TD

include "attn/Dialect/Tile/IR/TileOpBase.td"

//===-- Stage tiled: memory, products, one online step --===//

def Tile_LoadOp : Tile_Op<"load", [MemoryEffects<[MemRead]>]> {
  let summary = "Reads a tile of rows from a (batch, head, sequence, head_dim) tensor";
  let description = [{
    Reads rows `row` to `row + rows - 1` of one batch and head. Rows beyond the tensor's sequence, and rows from `end` on
    where that is given, read as zero, whatever lies there. On a GPU, from stage `laid-out` on, the result is a tile in
    shared memory.

    Constraints:
    - (LD1) the source has rank 4, the result's columns are its static head_dim, element types agree.

    Example:
    ```mlir
    %tile = tile.load %k[%b, %h, %row] : memref<?x8x?x128xbf16, strided<[?, ?, ?, 1]>> -> tensor<128x128xbf16>
    %rest = tile.load %k[%b, %h, %row] below %end : memref<?x8x?x128xbf16, strided<[?, ?, ?, 1]>> -> tensor<128x128xbf16>
    ```
  }];
  let arguments = (ins Arg<AnyMemRef, "", [MemRead]>:$source, Index:$batch, Index:$head, Index:$row,
      Optional<Index>:$end);
  let results = (outs Tile_Operand:$result);
  let assemblyFormat = [{
    $source `[` $batch `,` $head `,` $row `]` (`below` $end^)? attr-dict `:` type($source) `->` type($result)
  }];
  let hasVerifier = 1;
}

def Tile_StoreOp : Tile_Op<"store", [MemoryEffects<[MemWrite]>]> {
  let summary = "Writes a tile of rows, leaving out the rows beyond the tensor";
  let description = [{
    Rows from `end` on, where that is given, are left out too; it is at most the tensor's extent.

    Constraints:
    - (ST1) a matrix goes to a rank-4 tensor of as many columns, a vector of rows to a rank-3 one; element types agree.

    Example:
    ```mlir
    tile.store %tile, %out[%b, %h, %row] : tensor<128x128xbf16>, memref<?x32x?x128xbf16, strided<[?, ?, ?, 1]>>
    tile.store %rows, %lse[%b, %h, %row] below %end : tensor<128xf32>, memref<?x32x?xf32, strided<[?, ?, ?]>>
    ```
  }];
  let arguments = (ins Tile_Tensor:$tile, Arg<AnyMemRef, "", [MemWrite]>:$target, Index:$batch, Index:$head, Index:$row,
      Optional<Index>:$end);
  let assemblyFormat = [{
    $tile `,` $target `[` $batch `,` $head `,` $row `]` (`below` $end^)? attr-dict `:` type($tile) `,` type($target)
  }];
  let hasVerifier = 1;
}

def Tile_MmaOp : Tile_Op<"mma", [Pure]> {
  let summary = "Matrix product of two tiles, added to an accumulator when one is given";
  let description = [{
    `a` is MxK. `b` is NxK with `transpose_b`, else KxN. The result is MxN in f32.

    Constraints:
    - (MM1) the shapes fit and the element types of `a` and `b` agree;
    - (MM2) the result is f32, and the accumulator has its type.

    Example:
    ```mlir
    %s = tile.mma %q, %k transpose_b : tensor<128x64xbf16>, tensor<96x64xbf16> -> tensor<128x96xf32>
    %o = tile.mma %p, %v, %acc : tensor<128x96xbf16>, tensor<96x64xbf16> -> tensor<128x64xf32>
    ```
  }];
  let arguments = (ins Tile_Operand:$a, Tile_Operand:$b, Optional<Tile_F32Tile>:$acc, UnitAttr:$transpose_b);
  let results = (outs Tile_F32Tile:$result);
  let assemblyFormat = [{
    $a `,` $b (`,` $acc^)? (`transpose_b` $transpose_b^)? attr-dict `:` type($a) `,` type($b) `->`
    custom<AccumulatedType>(type($result), ref($acc), type($acc))
  }];
  let hasVerifier = 1;
}

def Tile_BandMaskOp : Tile_Op<"band_mask", [Pure, AllTypesMatch<["scores", "result"]>]> {
  let summary = "Puts -inf at the pairs of query and key outside a band";
  let description = [{
    Element (r, c) stands for query `query + r` and key `key + c`. It is kept when the key is less than `key_count` and
    `key - (query + diagonal)` is at least `lower` and at most `upper`, where those are given, and when the query is less
    than `query_count`, where that is given.

    Example:
    ```mlir
    %masked = tile.band_mask %s at [%q0, %k0] keys %sk diagonal %d upper 0 : tensor<128x128xf32>
    %padded = tile.band_mask %s at [%q0, %k0] queries %sq keys %sk diagonal %d : tensor<128x128xf32>
    ```
  }];
  let arguments = (ins Tile_F32Tile:$scores, Index:$query, Index:$key, Index:$key_count, Index:$diagonal,
      OptionalAttr<I64Attr>:$lower, OptionalAttr<I64Attr>:$upper, Optional<Index>:$query_count);
  let results = (outs Tile_F32Tile:$result);
  let assemblyFormat = [{
    $scores `at` `[` $query `,` $key `]` (`queries` $query_count^)? `keys` $key_count `diagonal` $diagonal
    (`lower` $lower^)? (`upper` $upper^)?
    attr-dict `:` type($result)
  }];
}

class Tile_RegionOp<string mnemonic> : Tile_Op<mnemonic, [IsolatedFromAbove, RecursiveMemoryEffects,
    SingleBlockImplicitTerminator<"YieldOp">, AllTypesMatch<["scores", "result"]>]> {
  let arguments = (ins Tile_F32Tile:$scores, Index:$batch, Index:$head, Index:$query, Index:$key,
      Variadic<AnyMemRef>:$captures, OptionalAttr<DenseI64ArrayAttr>:$sorted);
  let results = (outs Tile_F32Tile:$result);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = [{
    $scores `[` $batch `,` $head `,` $query `,` $key `]` (`captures` `(` $captures^ `:` type($captures) `)`)?
    (`sorted` $sorted^)? $body attr-dict `:` type($result)
  }];
  let hasRegionVerifier = 1;
}

def Tile_RegionScoreOp : Tile_RegionOp<"region_score"> {
  let summary = "Replaces each score by what a region makes of it";
  let description = [{
    Element (r, c) of the result is what the body yields for that element's score, the batch, the head, query
    `query + r`, key `key + c` and the captured buffers. Scores are in natural units.

    Constraints:
    - (RS1) the body takes f32, four indices and the captured types, and yields f32.

    Example:
    ```mlir
    %x = tile.region_score %s[%b, %h, %q0, %k0] {
    ^bb0(%score: f32, %batch: index, %head: index, %query: index, %key: index):
      %t = math.tanh %score : f32
      tile.yield %t : f32
    } : tensor<128x128xf32>
    ```
  }];
}

def Tile_RegionMaskOp : Tile_RegionOp<"region_mask"> {
  let summary = "Puts -inf at the pairs of query and key that a region forbids";
  let description = [{
    Element (r, c) stands for query `query + r` and key `key + c`; it is kept where the body yields true for the batch,
    the head, that query, that key and the captured buffers. Those with the numbers `sorted` do not fall along their last
    axis.

    Constraints:
    - (RM1) the body takes four indices and the captured types, and yields i1.

    Example:
    ```mlir
    %masked = tile.region_mask %s[%b, %h, %q0, %k0] {
    ^bb0(%batch: index, %head: index, %query: index, %key: index):
      %sum = arith.addi %query, %key : index
      %two = arith.constant 2 : index
      %odd = arith.remui %sum, %two : index
      %zero = arith.constant 0 : index
      %even = arith.cmpi eq, %odd, %zero : index
      tile.yield %even : i1
    } : tensor<128x128xf32>
    ```
  }];
}

def Tile_YieldOp : Tile_Op<"yield", [Pure, Terminator, ReturnLike, ParentOneOf<["RegionScoreOp", "RegionMaskOp"]>]> {
  let summary = "Ends the body of a region operation with its value";
  let description = [{
    Example:
    ```mlir
    tile.yield %score : f32
    ```
  }];
  let arguments = (ins Optional<AnyType>:$value);
  let builders = [OpBuilder<(ins), [{ /* the implicit terminator, which the verifier refuses */ }]>];
  let assemblyFormat = "($value^ `:` type($value))? attr-dict";
}

def Tile_SoftmaxStepOp : Tile_Op<"softmax_step", [Pure, AllTypesMatch<["acc", "acc_out"]>,
    AllTypesMatch<["row_max", "row_max_out"]>, AllTypesMatch<["row_sum", "row_sum_out"]>]> {
  let summary = "One online-softmax step over a block of scores and values";
  let description = [{
    Updates the running maximum, the running sum and the accumulator with a block of scores (arXiv 1805.02867,
    algorithm 3; arXiv 2307.08691, algorithm 1). Scores are in units in which `exp2(score * scale)` is the weight.

    Example:
    ```mlir
    %o1, %m1, %l1 = tile.softmax_step %s, %v, %o, %m, %l scale 1.275174e-01
        : tensor<128x128xf32>, tensor<128x64xbf16>, tensor<128x64xf32>, tensor<128xf32>, !tile.partial<128xf32>
    ```
  }];
  let arguments = (ins Tile_F32Tile:$scores, Tile_Matrix:$values, Tile_F32Tile:$acc, Tile_F32Tile:$row_max,
      Tile_PartialType:$row_sum, F32Attr:$scale);
  let results = (outs Tile_F32Tile:$acc_out, Tile_F32Tile:$row_max_out, Tile_PartialType:$row_sum_out);
  let assemblyFormat = [{
    $scores `,` $values `,` $acc `,` $row_max `,` $row_sum `scale` custom<F32>($scale) attr-dict `:` type($scores) `,`
    type($values) `,` type($acc) `,` type($row_max) `,` type($row_sum)
  }];
}

def Tile_SoftmaxFinishOp : Tile_Op<"softmax_finish", [Pure]> {
  let summary = "Turns the running state into the output tile and the log-sum-exp";
  let description = [{
    The output is the accumulator over the row sum, 0 where the sum is 0; the log-sum-exp is
    `ln 2 * (scale * max + log2(sum))`, -inf where the sum is 0.

    Example:
    ```mlir
    %out, %lse = tile.softmax_finish %o, %m, %l scale 1.275174e-01
        : tensor<128x64xf32>, tensor<128xf32>, !tile.partial<128xf32> -> tensor<128x64xbf16>, tensor<128xf32>
    ```
  }];
  let arguments = (ins Tile_F32Tile:$acc, Tile_F32Tile:$row_max, Tile_PartialType:$row_sum, F32Attr:$scale);
  let results = (outs Tile_Matrix:$output, Tile_F32Tile:$lse);
  let assemblyFormat = [{
    $acc `,` $row_max `,` $row_sum `scale` custom<F32>($scale) attr-dict `:` type($acc) `,` type($row_max) `,`
    type($row_sum) `->` type($output) `,` type($lse)
  }];
}

//===-- Stage stepped: row operations beside arith and math --===//

def Tile_EmptySumOp : Tile_Op<"empty_sum", [Pure]> {
  let summary = "Row sums of nothing";
  let description = [{
    Example:
    ```mlir
    %l = tile.empty_sum : !tile.partial<128xf32>
    ```
  }];
  let results = (outs Tile_PartialType:$result);
  let assemblyFormat = "attr-dict `:` type($result)";
}

def Tile_RowMaxOp : Tile_Op<"row_max", [Pure, AllTypesMatch<["init", "result"]>]> {
  let summary = "The maximum of each row and of an initial value";
  let description = [{
    NaN scores may be ignored or kept, as the target's fastest maximum does.

    Example:
    ```mlir
    %m1 = tile.row_max %s, %m : tensor<128x96xf32>, tensor<128xf32>
    ```
  }];
  let arguments = (ins Tile_F32Tile:$tile, Tile_F32Tile:$init);
  let results = (outs Tile_F32Tile:$result);
  let assemblyFormat = "$tile `,` $init attr-dict `:` type($tile) `,` type($init)";
}

def Tile_RowAccumulateOp : Tile_Op<"row_accumulate", [Pure, AllTypesMatch<["sum", "result"]>]> {
  let summary = "Scales row sums by a factor a row and adds a tile's rows";
  let description = [{
    Yields `sum * factor + (sum of the tile's row)`, in parts.

    Example:
    ```mlir
    %l1 = tile.row_accumulate %l, %alpha, %p : !tile.partial<128xf32>, tensor<128xf32>, tensor<128x96xf32>
    ```
  }];
  let arguments = (ins Tile_PartialType:$sum, Tile_F32Tile:$factor, Tile_F32Tile:$tile);
  let results = (outs Tile_PartialType:$result);
  let assemblyFormat = "$sum `,` $factor `,` $tile attr-dict `:` type($sum) `,` type($factor) `,` type($tile)";
}

def Tile_CombineSumsOp : Tile_Op<"combine_sums", [Pure, AllTypesMatch<["sum", "more", "result"]>]> {
  let summary = "Scales row sums by a factor a row and adds others";
  let description = [{
    Yields `sum * factor + more`, part by part.

    Example:
    ```mlir
    %l1 = tile.combine_sums %l, %alpha, %block : !tile.partial<128xf32>, tensor<128xf32>
    ```
  }];
  let arguments = (ins Tile_PartialType:$sum, Tile_F32Tile:$factor, Tile_PartialType:$more);
  let results = (outs Tile_PartialType:$result);
  let assemblyFormat = "$sum `,` $factor `,` $more attr-dict `:` type($sum) `,` type($factor)";
}

def Tile_RowsAboveOp : Tile_Op<"rows_above", [Pure, AllTypesMatch<["fresh", "result"]>]> {
  let summary = "Which rows are fresh or have a part of their sum above a limit";
  let description = [{
    NaN is above every limit.

    Example:
    ```mlir
    %rows = tile.rows_above %l, 2.560000e+02 or %fresh : !tile.partial<128xf32>, tensor<128xi1>
    ```
  }];
  let arguments = (ins Tile_PartialType:$sum, F32Attr:$limit, RankedTensorOf<[I1]>:$fresh);
  let results = (outs RankedTensorOf<[I1]>:$result);
  let assemblyFormat = "$sum `,` custom<F32>($limit) `or` $fresh attr-dict `:` type($sum) `,` type($fresh)";
  let hasFolder = 1;
}

def Tile_AnyAboveOp : Tile_Op<"any_above", [Pure]> {
  let summary = "Whether any row is fresh or has a part of its sum above a limit";
  let description = [{
    A condition for work that only such rows need (`tile.rows_above` tells which). Rows may be looked at in groups (the 16
    of a warp on a GPU), each group branching by itself; so what depends on the result must leave other rows as they are.

    Example:
    ```mlir
    %any = tile.any_above %l, 2.560000e+02 or %fresh : !tile.partial<128xf32>, tensor<128xi1>
    ```
  }];
  let arguments = (ins Tile_PartialType:$sum, F32Attr:$limit, RankedTensorOf<[I1]>:$fresh);
  let results = (outs I1:$result);
  let hasCanonicalizeMethod = 1;
  let assemblyFormat = "$sum `,` custom<F32>($limit) `or` $fresh attr-dict `:` type($sum) `,` type($fresh)";
}

def Tile_RowTotalOp : Tile_Op<"row_total", [Pure]> {
  let summary = "Adds up the parts of row sums";
  let description = [{
    Example:
    ```mlir
    %sum = tile.row_total %l : !tile.partial<128xf32> -> tensor<128xf32>
    ```
  }];
  let arguments = (ins Tile_PartialType:$sum);
  let results = (outs Tile_F32Tile:$result);
  let assemblyFormat = "$sum attr-dict `:` type($sum) `->` type($result)";
}

def Tile_BroadcastRowsOp : Tile_Op<"broadcast_rows", [Pure]> {
  let summary = "Repeats one value a row over the columns of a tile";
  let description = [{
    Example:
    ```mlir
    %x = tile.broadcast_rows %m : tensor<128xf32> -> tensor<128x96xf32>
    ```
  }];
  let arguments = (ins Tile_Tensor:$rows);
  let results = (outs Tile_Tensor:$result);
  let assemblyFormat = "$rows attr-dict `:` type($rows) `->` type($result)";
}

def Tile_IndexKind : I32EnumAttr<"IndexKind", "Which index of a tile's element", [
    I32EnumAttrCase<"Row", 0, "row">, I32EnumAttrCase<"Column", 1, "column">]> {
  let cppNamespace = "::mlir::tile";
}

def Tile_IndicesOp : Tile_Op<"indices", [Pure]> {
  let summary = "The row or column index of each element, plus a base";
  let description = [{
    Example:
    ```mlir
    %keys = tile.indices column %k0 : tensor<128x96xi32>
    ```
  }];
  let arguments = (ins Tile_IndexKind:$kind, Index:$base);
  let results = (outs RankedTensorOf<[I32]>:$result);
  let assemblyFormat = "$kind $base attr-dict `:` type($result)";
}

def Tile_GatherOp : Tile_Op<"gather", [Pure]> {
  let summary = "Reads an element of a captured buffer for each element of a tile";
  let description = [{
    Element (r, c) of the result is the source at the elements (r, c) of the index tiles, 0 where an index lies outside of
    the source's extents; f16 and bf16 become f32. Nothing writes a captured buffer while the kernel runs, so reads may be
    repeated, joined and moved. Equal elements of the index tiles are read once.

    Constraints:
    - (GA1) one i32 tile for each axis of the source, all of the result's shape;
    - (GA2) the result is f32 for sources of f32, f16 and bf16, and i32 for sources of i32.

    Example:
    ```mlir
    %documents = tile.gather %ids[%keys] : memref<?xi32, strided<[?]>>[tensor<128x96xi32>] -> tensor<128x96xi32>
    ```
  }];
  let arguments = (ins AnyMemRef:$source, Variadic<RankedTensorOf<[I32]>>:$indices);
  let results = (outs RankedTensorOf<[F32, I32]>:$result);
  let assemblyFormat = [{
    $source `[` $indices `]` attr-dict `:` type($source) `[` type($indices) `]` `->` type($result)
  }];
  let hasVerifier = 1;
}

def Tile_ElementOp : Tile_Op<"element", [Pure]> {
  let summary = "Reads one element of a captured buffer";
  let description = [{
    0 where an index lies outside of the source's extents; f16 and bf16 become f32. As with `tile.gather`, reads may be
    repeated, joined and moved: both roles of a kernel read the lengths of their sequence by themselves.

    Constraints:
    - (EL1) one index for each axis of the source;
    - (EL2) the result is f32 for sources of f32, f16 and bf16, and i32 for sources of i32.

    Example:
    ```mlir
    %length = tile.element %lengths[%batch] : memref<?xi32, strided<[?]>> -> i32
    ```
  }];
  let arguments = (ins AnyMemRef:$source, Variadic<Index>:$indices);
  let results = (outs AnyTypeOf<[F32, I32]>:$result);
  let assemblyFormat = "$source `[` $indices `]` attr-dict `:` type($source) `->` type($result)";
  let hasVerifier = 1;
}

def Tile_SearchOp : Tile_Op<"search", [Pure]> {
  let summary = "Finds the first element of a sorted captured buffer that is not below a value";
  let description = [{
    The smallest index `i` of the last axis, from `first` to `last - 1`, with `source[leading, i] / divide + i * step` at
    least `value`, or `last` where there is none. Elements outside of the source's extents are 0. The numbers compared must
    not fall; where they do, the result is some index from `first` to `last`. It takes as many reads as the difference of
    the two has bits. Like `tile.element` it may be repeated, joined and moved.

    Constraints:
    - (SE1) an index for each axis of the source but the last;
    - (SE2) the source is of i32;
    - (SE3) `divide` is at least 1 and `step` at least 0.

    Example:
    ```mlir
    %begin = tile.search %ids[%batch] from %zero to %keys for %id : memref<?x?xi32, strided<[?, ?]>>
    %next = tile.search %offsets[] from %one to %sequences for %slot divide 128 step 1 : memref<?xi32, strided<[?]>>
    ```
  }];
  let arguments = (ins AnyMemRef:$source, Variadic<Index>:$leading, Index:$first, Index:$last, Index:$value,
      DefaultValuedAttr<I64Attr, "1">:$divide, DefaultValuedAttr<I64Attr, "0">:$step);
  let results = (outs Index:$result);
  let assemblyFormat = [{
    $source `[` $leading `]` `from` $first `to` $last `for` $value (`divide` $divide^)? (`step` $step^)? attr-dict
    `:` type($source)
  }];
  let hasVerifier = 1;
}

//===-- Stage laid-out: register layouts --===//

def Tile_ConvertLayoutOp : Tile_Op<"convert_layout", [Pure]> {
  let summary = "Moves a tile from one register layout to another";
  let description = [{
    Constraints:
    - (CV1) only the layout differs;
    - (CV2) the conversion is one of the known ones: accumulator to operand for 16-bit elements, which moves nothing.

    Example:
    ```mlir
    %a = tile.convert_layout %p : tensor<64x96xbf16, #tile.layout<accumulator, warpgroups = 1>>
        -> tensor<64x96xbf16, #tile.layout<operand, warpgroups = 1>>
    ```
  }];
  let arguments = (ins Tile_Matrix:$source);
  let results = (outs Tile_Matrix:$result);
  let assemblyFormat = "$source attr-dict `:` type($source) `->` type($result)";
  let hasVerifier = 1;
}

#endif // ATTN_DIALECT_TILE_COMPUTE_OPS_TD
