// Operations of stage tiled: products, masks and online steps of whole attention. They are gone from stage stepped on.
#ifndef ATTN_DIALECT_TILE_COMPUTE_OPS_TD
#define ATTN_DIALECT_TILE_COMPUTE_OPS_TD

include "attn/Dialect/Tile/IR/TileOpBase.td"

//===-- Stage tiled: memory, products, one online step --===//

def Tile_LoadOp : Tile_Op<"load", [Tile_PackedRows, MemoryEffects<[MemRead]>]> {
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
    %group = tile.load %q[%b, %h, %row] packed 4 : memref<?x32x?x128xbf16, strided<[?, ?, ?, 1]>> -> tensor<64x128xbf16>
    ```
  }];
  let arguments = (ins Arg<AnyMemRef, "", [MemRead]>:$source, Index:$batch, Index:$head, Index:$row,
      Optional<Index>:$end, Tile_Packed:$packed);
  let results = (outs Tile_Operand:$result);
  let assemblyFormat = [{
    $source `[` $batch `,` $head `,` $row `]` (`below` $end^)? (`packed` $packed^)? attr-dict `:` type($source) `->` type($result)
  }];
  let hasVerifier = 1;
}

def Tile_StoreOp : Tile_Op<"store", [Tile_PackedRows, AttrSizedOperandSegments, MemoryEffects<[MemWrite]>]> {
  let summary = "Writes a tile of rows, leaving out the rows beyond the tensor";
  let description = [{
    Rows from `end` on, where that is given, are left out too; it is at most the tensor's extent. A matrix may go by way of a
    tile in shared memory, its `stage`: each warp writes its rows there and has them copied, and only its next store waits until
    they have been read.

    Constraints:
    - (ST1) a matrix goes to a rank-4 tensor of as many columns, a vector of rows to a rank-3 one; element types agree;
    - (ST2) a stage is for a matrix, of its rows, columns and 16-bit elements.

    Example:
    ```mlir
    tile.store %tile, %out[%b, %h, %row] : tensor<128x128xbf16>, memref<?x32x?x128xbf16, strided<[?, ?, ?, 1]>>
    tile.store %rows, %lse[%b, %h, %row] below %end : tensor<128xf32>, memref<?x32x?xf32, strided<[?, ?, ?]>>
    tile.store %tile, %out[%b, %h, %row] through %stage
        : tensor<128x128xbf16>, memref<?x32x?x128xbf16, strided<[?, ?, ?, 1]>>, !tile.shared<128x128xbf16>
    ```
  }];
  let arguments = (ins Tile_Tensor:$tile, Arg<AnyMemRef, "", [MemWrite]>:$target, Index:$batch, Index:$head, Index:$row,
      Optional<Index>:$end, Optional<Tile_SharedType>:$stage, Tile_Packed:$packed);
  let assemblyFormat = [{
    $tile `,` $target `[` $batch `,` $head `,` $row `]` (`below` $end^)? (`through` $stage^)? (`packed` $packed^)? attr-dict
    `:` type($tile) `,` type($target) (`,` type($stage)^)?
  }];
  let hasVerifier = 1;
}

def Tile_MmaOp : Tile_Op<"mma", [Pure, AttrSizedOperandSegments]> {
  let summary = "Matrix product of two tiles, added to an accumulator when one is given";
  let description = [{
    `a` is MxK. `b` is NxK with `transpose_b`, else KxN. The result is MxN in f32. With `beside`, a KxC matrix that stands to
    the right of `b`, it is MxN+C.

    Constraints:
    - (MM1) the shapes fit and the element types of `a` and `b` agree;
    - (MM2) the result is f32, and the accumulator has its type;
    - (MM3) `beside` has the rows and the element type of `b`, which is not transposed.

    Example:
    ```mlir
    %s = tile.mma %q, %k transpose_b : tensor<128x64xbf16>, tensor<96x64xbf16> -> tensor<128x96xf32>
    %o = tile.mma %p, %v, %acc : tensor<128x96xbf16>, tensor<96x64xbf16> -> tensor<128x64xf32>
    %w = tile.mma %p, %v, %wide beside %ones
        : tensor<128x96xbf16>, tensor<96x64xbf16>, tensor<96x8xbf16> -> tensor<128x72xf32>
    ```
  }];
  let arguments = (ins Tile_Operand:$a, Tile_Operand:$b, Optional<Tile_F32Tile>:$acc, Optional<Tile_Operand>:$beside,
      UnitAttr:$transpose_b);
  let results = (outs Tile_F32Tile:$result);
  let assemblyFormat = [{
    $a `,` $b (`,` $acc^)? (`beside` $beside^)? (`transpose_b` $transpose_b^)? attr-dict
    `:` type($a) `,` type($b) (`,` type($beside)^)? `->`
    custom<AccumulatedType>(type($result), ref($acc), type($acc))
  }];
  let hasVerifier = 1;
}

def Tile_BandMaskOp : Tile_Op<"band_mask", [Tile_PackedRows, Pure, AllTypesMatch<["scores", "result"]>]> {
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
      OptionalAttr<I64Attr>:$lower, OptionalAttr<I64Attr>:$upper, Optional<Index>:$query_count,
      Tile_Packed:$packed);
  let results = (outs Tile_F32Tile:$result);
  let assemblyFormat = [{
    $scores `at` `[` $query `,` $key `]` (`queries` $query_count^)? `keys` $key_count `diagonal` $diagonal
    (`lower` $lower^)? (`upper` $upper^)? (`packed` $packed^)?
    attr-dict `:` type($result)
  }];
}

def Tile_OwnRowOp : Tile_Op<"own_row", [Pure]> {
  let summary = "The first of the 64 rows of a tile that a warpgroup has";
  let description = [{
    Each consumer warpgroup gets a number of its own, so what follows from it is known to no other role.

    Example:
    ```mlir
    %row = tile.own_row
    ```
  }];
  let results = (outs Index:$row);
  let assemblyFormat = "attr-dict";
}

def Tile_OwnBoundOp : Tile_Op<"own_bound", [Pure]> {
  let summary = "How many of a tile's blocks of keys a warpgroup visits";
  let description = [{
    None where `end`, which may follow from `tile.own_row`, is below 1; else `end`, but at most `whole`, the blocks of the tile, and
    at most `fewer` less than that. As the upper bound of a loop with loads it says that the producer loads all the tile's blocks,
    and that a warpgroup gives those it does not visit back behind everything else that it does.

    Constraints:
    - (OB1) `fewer` is at least 0.

    Example:
    ```mlir
    %bound = tile.own_bound %end of %whole, 2 fewer
    ```
  }];
  let arguments = (ins Index:$end, Index:$whole, ConfinedAttr<I64Attr, [IntNonNegative]>:$fewer);
  let results = (outs Index:$bound);
  let assemblyFormat = "$end `of` $whole `,` $fewer `fewer` attr-dict";
}

class Tile_RegionOp<string mnemonic> : Tile_Op<mnemonic, [Tile_PackedRows, IsolatedFromAbove, RecursiveMemoryEffects,
    SingleBlockImplicitTerminator<"YieldOp">, AllTypesMatch<["scores", "result"]>]> {
  let arguments = (ins Tile_F32Tile:$scores, Index:$batch, Index:$head, Index:$query, Index:$key,
      Variadic<AnyMemRef>:$captures, OptionalAttr<DenseI64ArrayAttr>:$sorted, Tile_Packed:$packed);
  let results = (outs Tile_F32Tile:$result);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = [{
    $scores `[` $batch `,` $head `,` $query `,` $key `]` (`captures` `(` $captures^ `:` type($captures) `)`)?
    (`sorted` $sorted^)? (`packed` $packed^)? $body attr-dict `:` type($result)
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

def Tile_SoftmaxStepOp : Tile_Op<"softmax_step", [Pure, AttrSizedOperandSegments, AllTypesMatch<["acc", "acc_out"]>,
    AllTypesMatch<["row_max", "row_max_out"]>, AllTypesMatch<["row_sum", "row_sum_out"]>]> {
  let summary = "One online-softmax step over a block of scores and values";
  let description = [{
    Updates the running maximum, the running sum and the accumulator with a block of scores (arXiv 1805.02867,
    algorithm 3; arXiv 2307.08691, algorithm 1). Scores are in units in which `exp2(score * scale)` is the weight. Where
    `shift` is given, it is a part of the scores that is still to be added to them. Where
    `keep` is given, the weights that it does not keep count in the sum and add nothing to the accumulator.

    Constraints:
    - (SS1) `keep` has the shape of the scores;
    - (SS2) `shift` has the type of the scores;
    - (SS3) the accumulator has as many columns as the values, or 8 more, each of which is the row sum; `row_sum` means nothing
      then;
    - (SS4) with `keep` it has as many as the values: sums by the product would be of the weights that are kept, not of all.

    Example:
    ```mlir
    %o1, %m1, %l1 = tile.softmax_step %s, %v, %o, %m, %l scale 1.275174e-01
        : tensor<128x128xf32>, tensor<128x64xbf16>, tensor<128x64xf32>, tensor<128xf32>, !tile.partial<128xf32>
    ```
  }];
  let arguments = (ins Tile_F32Tile:$scores, Tile_Matrix:$values, Tile_F32Tile:$acc, Tile_F32Tile:$row_max,
      Tile_PartialType:$row_sum, Optional<Tile_F32Tile>:$shift, Optional<RankedTensorOf<[I1]>>:$keep, F32Attr:$scale);
  let results = (outs Tile_F32Tile:$acc_out, Tile_F32Tile:$row_max_out, Tile_PartialType:$row_sum_out);
  let assemblyFormat = [{
    $scores `,` $values `,` $acc `,` $row_max `,` $row_sum (`shift` $shift^)? (`keep` $keep^)? `scale` custom<F32>($scale)
    attr-dict `:` type($scores) `,` type($values) `,` type($acc) `,` type($row_max) `,` type($row_sum)
    (`shift` type($shift)^)? (`keep` type($keep)^)?
  }];
  let hasVerifier = 1;
}

def Tile_KeepOp : Tile_Op<"keep", [Tile_PackedRows, Pure]> {
  let summary = "Which weights of a tile dropout keeps";
  let description = [{
    Element (r, c) stands for query `query + r` and key `key + c`. It is true where the word that `#attn.dropout` defines
    for it is at least `threshold`. The seed is an attribute, or is read from a buffer of two words.

    Constraints:
    - (KP1) `threshold` is from 0 to 2^32;
    - (KP2) one of `seed` and `seed_from` is given;
    - (KP3) the rows of a head and columns are multiples of 16, as `query` and `key` must be.

    Example:
    ```mlir
    %keep = tile.keep [%b, %h, %q0, %k0] threshold 429496730 seed 7 : tensor<128x96xi1>
    %same = tile.keep [%b, %h, %q0, %k0] threshold 429496730 seed_from %s : memref<?xi32, strided<[?]>> -> tensor<128x96xi1>
    ```
  }];
  let arguments = (ins Index:$batch, Index:$head, Index:$query, Index:$key, Optional<AnyMemRef>:$seed_from,
      I64Attr:$threshold, OptionalAttr<I64Attr>:$seed, Tile_Packed:$packed);
  let results = (outs RankedTensorOf<[I1]>:$result);
  let assemblyFormat = [{
    `[` $batch `,` $head `,` $query `,` $key `]` (`packed` $packed^)? `threshold` $threshold (`seed` $seed^)?
    (`seed_from` $seed_from^ `:` type($seed_from) `->`):(`:`)? type($result) attr-dict
  }];
  let hasVerifier = 1;
}

def Tile_SoftmaxFinishOp : Tile_Op<"softmax_finish", [Pure]> {
  let summary = "Turns the running state into the output tile and the log-sum-exp";
  let description = [{
    The output is the accumulator over the row sum, 0 where the sum is 0, times `weight` where that is given; the
    log-sum-exp is `ln 2 * (scale * max + log2(sum))`, -inf where the sum is 0. `sink`, where given, is a score in natural
    units that each row's sum takes in besides; it has no value. The sum is `row_sum`, or stands behind the output's columns in
    those of the accumulator.

    Constraints:
    - (SF1) the accumulator has as many columns as the output, or 8 more.

    Example:
    ```mlir
    %out, %lse = tile.softmax_finish %o, %m, %l scale 1.275174e-01
        : tensor<128x64xf32>, tensor<128xf32>, !tile.partial<128xf32> -> tensor<128x64xbf16>, tensor<128xf32>
    ```
  }];
  let arguments = (ins Tile_F32Tile:$acc, Tile_F32Tile:$row_max, Tile_PartialType:$row_sum,
      Optional<Tile_F32Tile>:$sink, F32Attr:$scale, OptionalAttr<F32Attr>:$weight);
  let results = (outs Tile_Matrix:$output, Tile_F32Tile:$lse);
  let assemblyFormat = [{
    $acc `,` $row_max `,` $row_sum (`sink` $sink^)? `scale` custom<F32>($scale) (`weight` custom<F32>($weight)^)?
    attr-dict `:` type($acc) `,` type($row_max) `,` type($row_sum) (`,` type($sink)^)? `->` type($output) `,` type($lse)
  }];
  let hasVerifier = 1;
}

#endif // ATTN_DIALECT_TILE_COMPUTE_OPS_TD
