// Operations of the stages stepped and laid-out, which stand beside arith and math: both targets share the former.
#ifndef ATTN_DIALECT_TILE_STEP_OPS_TD
#define ATTN_DIALECT_TILE_STEP_OPS_TD

include "attn/Dialect/Tile/IR/TileOpBase.td"

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

def Tile_RowCeilingOp : Tile_Op<"row_ceiling", [Pure]> {
  let summary = "A number for each row that no element of it passes, in parts";
  let description = [{
    For elements that are not negative: their bits, joined by or, as a number. It is at least as large as each element, and below
    2 where all are, since f16 and bf16 have a bit that is set from 2 on. NaN and infinity stay above all limits.

    Constraints:
    - (RC1) elements are f16 or bf16.

    Example:
    ```mlir
    %c = tile.row_ceiling %p : tensor<128x96xbf16> -> !tile.partial<128xf32>
    ```
  }];
  let arguments = (ins Tile_Matrix:$tile);
  let results = (outs Tile_PartialType:$result);
  let assemblyFormat = "$tile attr-dict `:` type($tile) `->` type($result)";
  let hasVerifier = 1;
}

def Tile_DetachSumsOp : Tile_Op<"detach_sums", [Pure]> {
  let summary = "Takes the columns of sums off an accumulator";
  let description = [{
    Yields the leading columns, and for each row the element behind them.

    Constraints:
    - (DS1) the tile has 8 columns more than `leading`, and as many rows as both.

    Example:
    ```mlir
    %o, %sum = tile.detach_sums %acc : tensor<128x72xf32> -> tensor<128x64xf32>, tensor<128xf32>
    ```
  }];
  let arguments = (ins Tile_F32Tile:$tile);
  let results = (outs Tile_F32Tile:$leading, Tile_F32Tile:$sums);
  let assemblyFormat = "$tile attr-dict `:` type($tile) `->` type($leading) `,` type($sums)";
  let hasVerifier = 1;
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
    I32EnumAttrCase<"Row", 0, "row">, I32EnumAttrCase<"Column", 1, "column">, I32EnumAttrCase<"Head", 2, "head">]> {
  let cppNamespace = "::mlir::tile";
}

def Tile_IndicesOp : Tile_Op<"indices", [Tile_PackedRows, Pure]> {
  let summary = "The row, column or head index of each element, plus a base";
  let description = [{
    With `packed` P, the rows of each head count from 0, and `head` is the number of a row's head among the P; without, it is
    0. With `clear`, one bit of the sum is cleared, so that neighbours at that distance get one value; the base must then be
    a multiple of twice that bit.

    Constraints:
    - (IX1) `clear` is a power of two.

    Example:
    ```mlir
    %keys = tile.indices column %k0 : tensor<128x96xi32>
    %pairs = tile.indices column %k0 clear 8 : tensor<128x96xi32>
    %heads = tile.indices head %h0 packed 4 : tensor<128x96xi32>
    ```
  }];
  let arguments = (ins Tile_IndexKind:$kind, Index:$base, OptionalAttr<I64Attr>:$clear, Tile_Packed:$packed);
  let results = (outs RankedTensorOf<[I32]>:$result);
  let assemblyFormat = "$kind $base (`clear` $clear^)? (`packed` $packed^)? attr-dict `:` type($result)";
  let builders = [OpBuilder<(ins "Type":$result, "IndexKind":$kind, "Value":$base, CArg<"int64_t", "1">:$packed),
      [{ build($_builder, $_state, result, kind, base, IntegerAttr(), packed); }]>];
  let hasVerifier = 1;
}

def Tile_DistancePart : I32EnumAttr<"DistancePart", "Which part of a distance", [
    I32EnumAttrCase<"Whole", 0, "whole">, I32EnumAttrCase<"Near", 1, "near">, I32EnumAttrCase<"Far", 2, "far">]> {
  let cppNamespace = "::mlir::tile";
}

def Tile_DistancesOp : Tile_Op<"distances", [Tile_PackedRows, Pure]> {
  let summary = "Row index less column index, plus a base, as f32";
  let description = [{
    Element (r, c) is `f32(base + r - c)`, r counting from 0 in each head of `packed`: how far a query is behind a key. It is
    exact below 2^24, and costs one addition of floats an element, where integers would cost a subtraction and a conversion.

    The distance is the sum of two parts. A thread of a GPU holds pairs of columns, 8 apart (#tile.layout). The `near` part is
    `f32(base + r - p)`, where p is the first column of the thread that holds c, the even one of c mod 8: it is the same for all
    columns of a thread. The `far` part is `f32(p - c)`: a constant for each register.

    Example:
    ```mlir
    %behind = tile.distances whole %q0_less_k0 : tensor<128x96xf32>
    ```
  }];
  let arguments = (ins Tile_DistancePart:$part, Index:$base, Tile_Packed:$packed);
  let results = (outs Tile_F32Tile:$result);
  let assemblyFormat = "$part $base (`packed` $packed^)? attr-dict `:` type($result)";
}

def Tile_DealOp : Tile_Op<"deal", [Pure, SameOperandsAndResultType]> {
  let summary = "Takes each element from one of four tiles, by its row and column";
  let description = [{
    Element (r, c) of the result is that of operand `2 * (r / 8 mod 2) + c / 8 mod 2`: the four words of one random block
    go to two rows and two columns at distance 8. A thread holds all four in every accumulator layout and in its
    transpose, so on a GPU nothing is moved or chosen.

    Example:
    ```mlir
    %w = tile.deal %w0, %w1, %w2, %w3 : tensor<128x96xi32>
    ```
  }];
  let arguments = (ins RankedTensorOf<[I32]>:$first, RankedTensorOf<[I32]>:$second, RankedTensorOf<[I32]>:$third,
      RankedTensorOf<[I32]>:$fourth);
  let results = (outs RankedTensorOf<[I32]>:$result);
  let assemblyFormat = "$first `,` $second `,` $third `,` $fourth attr-dict `:` type($result)";
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
    not fall; where they do, the result is some index from `first` to `last`. On a GPU all lanes of a warp look, so that a
    step leaves a 32nd of the range (attn/Analysis/WarpSearch.h). Like `tile.element` it may be repeated, joined and moved.

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

#endif // ATTN_DIALECT_TILE_STEP_OPS_TD
