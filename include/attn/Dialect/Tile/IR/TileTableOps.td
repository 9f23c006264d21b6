// Operations of stage split that find key blocks by a table: which blocks a query tile visits, where no closed form says so.
// All are functions of captured buffers and numbers, so that either role of a kernel may compute them for itself.
#ifndef ATTN_DIALECT_TILE_TABLE_OPS_TD
#define ATTN_DIALECT_TILE_TABLE_OPS_TD

include "attn/Dialect/Tile/IR/TileOpBase.td"

def Tile_TabulateOp : Tile_Op<"tabulate", [Pure, SingleBlock]> {
  let summary = "Makes the table of a query tile's key blocks";
  let description = [{
    Runs the body once for each block from `first` to `last - 1`; it says whether the block may hold an allowed pair, and
    whether all of its pairs are allowed. Runs for different blocks may be at once, as lanes of a warp are.

    A table has 1024 entries, whatever the lengths are, so that it has its place (registers of a warp on a GPU, scratch
    memory on a CPU) when the kernel is compiled. Where there are more blocks, an entry stands for the same power of two of
    neighbours: all of them are present where one is, and full where all are.

    Constraints:
    - (TA1) the body takes an index, the number of a block, and ends with `tile.kind`.

    Example:
    ```mlir
    %table = tile.tabulate %first to %last {
    ^bb0(%block: index):
      %two = arith.constant 2 : index
      %rest = arith.remui %block, %two : index
      %zero = arith.constant 0 : index
      %even = arith.cmpi eq, %rest, %zero : index
      %no = arith.constant false
      tile.kind present %even full %no
    }
    ```
  }];
  let arguments = (ins Index:$first, Index:$last);
  let results = (outs Tile_BlockTableType:$result);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = "$first `to` $last $body attr-dict";
  let hasRegionVerifier = 1;
  let extraClassDeclaration = [{
    /// Entries of a table: a bit for each lane of a warp and each bit of a register.
    static constexpr int64_t kEntries = 1024;
  }];
}

def Tile_KindOp : Tile_Op<"kind", [Pure, Terminator, HasParent<"TabulateOp">]> {
  let summary = "Ends the body of tile.tabulate with what the block is";
  let description = [{
    Example:
    ```mlir
    tile.kind present %some full %all
    ```
  }];
  let arguments = (ins I1:$present, I1:$full);
  let assemblyFormat = "`present` $present `full` $full attr-dict";
}

def Tile_CountBlocksOp : Tile_Op<"count_blocks", [Pure]> {
  let summary = "How many blocks of a table are present";
  let description = [{
    Blocks behind the last one count where they share its entry; a mask forbids what they hold.

    Example:
    ```mlir
    %count = tile.count_blocks %table
    ```
  }];
  let arguments = (ins Tile_BlockTableType:$table);
  let results = (outs Index:$result);
  let assemblyFormat = "$table attr-dict";
}

def Tile_FindBlockOp : Tile_Op<"find_block", [Pure]> {
  let summary = "The block that has so many present ones before it";
  let description = [{
    Any number where the table has no more than `number` blocks.

    Example:
    ```mlir
    %block = tile.find_block %table[%number]
    ```
  }];
  let arguments = (ins Tile_BlockTableType:$table, Index:$number);
  let results = (outs Index:$result);
  let assemblyFormat = "$table `[` $number `]` attr-dict";
}

def Tile_IsFullBlockOp : Tile_Op<"is_full_block", [Pure]> {
  let summary = "Whether all pairs of a present block are allowed";
  let description = [{
    Example:
    ```mlir
    %full = tile.is_full_block %table[%block]
    ```
  }];
  let arguments = (ins Tile_BlockTableType:$table, Index:$block);
  let results = (outs I1:$result);
  let assemblyFormat = "$table `[` $block `]` attr-dict";
}

def Tile_ExtremesOp : Tile_Op<"extremes", [Pure, AttrSizedOperandSegments]> {
  let summary = "The smallest and the largest element in a box of a captured buffer";
  let description = [{
    The box holds, on each axis, the indices from `first` to `last`, both included. Elements outside of the source's
    extents are 0. An empty box yields any numbers.

    Constraints:
    - (EX1) two indices for each axis of the source;
    - (EX2) the source is of i32.

    Example:
    ```mlir
    %least, %most = tile.extremes %ids[%batch, %k0] to [%batch, %k1] : memref<?x?xi32, strided<[?, ?]>>
    ```
  }];
  let arguments = (ins AnyMemRef:$source, Variadic<Index>:$first, Variadic<Index>:$last);
  let results = (outs I32:$least, I32:$most);
  let assemblyFormat = "$source `[` $first `]` `to` `[` $last `]` attr-dict `:` type($source)";
  let hasVerifier = 1;
}

#endif // ATTN_DIALECT_TILE_TABLE_OPS_TD
