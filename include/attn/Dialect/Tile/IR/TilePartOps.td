// Operations for a program whose keys several blocks share: which part a block has, and how the parts become one result.
#ifndef ATTN_DIALECT_TILE_PART_OPS_TD
#define ATTN_DIALECT_TILE_PART_OPS_TD

include "attn/Dialect/Tile/IR/TileOpBase.td"

//===-- Stage split --===//

def Tile_PartOp : Tile_Op<"part", [Pure]> {
  let summary = "Which part of its program's key blocks a block visits, and how many parts there are";
  let description = [{
    `number` is from 0 to `count - 1`; the blocks of one program are those of a cluster, and have one `count`. A block that the grid
    has only so that its clusters are whole is number 1 of 1: no keys are its part, and it stores nothing.

    Example:
    ```mlir
    %number, %count = tile.part
    ```
  }];
  let results = (outs Index:$number, Index:$count);
  let assemblyFormat = "attr-dict";
}

def Tile_MergePartsOp : Tile_Op<"merge_parts", [AllTypesMatch<["acc", "acc_out"]>, AllTypesMatch<["row_max", "row_max_out"]>,
    AllTypesMatch<["row_sum", "row_sum_out"]>]> {
  let summary = "Merges the softmax states of all parts of a program in its first block";
  let description = [{
    In the block with part 0 the results are the state over the keys of all parts, merged as two blocks of keys are
    (arXiv 1805.02867, algorithm 3); in the others they are what they were. Every block of the program has to come here once.
    Scores are in units in which `exp2(score * scale)` is the weight.

    Example:
    ```mlir
    %o, %m, %l = tile.merge_parts %o0, %m0, %l0 part %number of %count scale 1.275174e-01
        : tensor<64x128xf32>, tensor<64xf32>, !tile.partial<64xf32>
    ```
  }];
  let arguments = (ins Tile_F32Tile:$acc, Tile_F32Tile:$row_max, Tile_PartialType:$row_sum, Index:$number, Index:$count,
      F32Attr:$scale);
  let results = (outs Tile_F32Tile:$acc_out, Tile_F32Tile:$row_max_out, Tile_PartialType:$row_sum_out);
  let assemblyFormat = [{
    $acc `,` $row_max `,` $row_sum `part` $number `of` $count `scale` custom<F32>($scale) attr-dict
    `:` type($acc) `,` type($row_max) `,` type($row_sum)
  }];
}

//===-- Stage stepped --===//

def Tile_PublishOp : Tile_Op<"publish"> {
  let summary = "Lets the other blocks of the cluster read a softmax state";
  let description = [{
    Waits until every block of the cluster has come here, and writes the state into shared memory that the block's rings had;
    so nothing of a ring may be in use or follow. All blocks of the cluster publish, once, and withdraw.

    Example:
    ```mlir
    tile.publish %o, %m, %l : tensor<64x128xf32>, tensor<64xf32>, !tile.partial<64xf32>
    ```
  }];
  let arguments = (ins Tile_F32Tile:$acc, Tile_F32Tile:$row_max, Tile_PartialType:$row_sum);
  let assemblyFormat = "$acc `,` $row_max `,` $row_sum attr-dict `:` type($acc) `,` type($row_max) `,` type($row_sum)";
}

def Tile_PeerOp : Tile_Op<"peer"> {
  let summary = "Reads the softmax state that another block of the cluster has published";
  let description = [{
    Example:
    ```mlir
    %o1, %m1, %l1 = tile.peer %number : tensor<64x128xf32>, tensor<64xf32>, !tile.partial<64xf32>
    ```
  }];
  let arguments = (ins Index:$number);
  let results = (outs Tile_F32Tile:$acc, Tile_F32Tile:$row_max, Tile_PartialType:$row_sum);
  let assemblyFormat = "$number attr-dict `:` type($acc) `,` type($row_max) `,` type($row_sum)";
}

def Tile_WithdrawOp : Tile_Op<"withdraw"> {
  let summary = "Waits until no block of the cluster reads what was published";
  let description = [{
    Example:
    ```mlir
    tile.withdraw
    ```
  }];
  let assemblyFormat = "attr-dict";
}

#endif // ATTN_DIALECT_TILE_PART_OPS_TD
