// The tile dialect's definition, attributes and types. Operations are in TileOps.td.

#ifndef ATTN_DIALECT_TILE_BASE_TD
#define ATTN_DIALECT_TILE_BASE_TD

include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/BuiltinAttributes.td"
include "mlir/IR/BuiltinAttributeInterfaces.td"
include "mlir/IR/EnumAttr.td"
include "mlir/IR/OpBase.td"

def Tile_Dialect : Dialect {
  let name = "tile";
  let cppNamespace = "::mlir::tile";
  let summary = "Where and when: tiles held by warpgroups, rings of shared memory, roles and barriers";
  let description = [{
    A tile is a `tensor`, worked on by `arith` and `math` and looped by `scf`; this dialect adds only what those lack:
    matrix products, row reductions, movement between memory and tiles and, on a GPU, shared-memory rings, roles and
    asynchronous products. Early stages use plain tensors; `tile-assign-layouts` gives each tensor a `#tile.layout`.

    A tile's rows are queries of one head. Where an operation has `packed` P, they are those of P heads, one head behind another
    (as `pack_gqa` of FlashAttention-3 has them, query by query): row r is query `query + r mod (rows / P)` of head `head + r div
    (rows / P)`, where the operation names a first query and a first head.

    Constraints:
    - (PK1) `packed` is at least 1, and divides the rows.
  }];
  let useDefaultAttributePrinterParser = 1;
  let useDefaultTypePrinterParser = 1;
  let extraClassDeclaration = [{
    void registerTypes();
  }];
}

class Tile_Attr<string name, string attrMnemonic, list<Trait> traits = []> : AttrDef<Tile_Dialect, name, traits> {
  let mnemonic = attrMnemonic;
}

class Tile_Type<string name, string typeMnemonic> : TypeDef<Tile_Dialect, name> {
  let mnemonic = typeMnemonic;
}

//===-- Attributes --===//

def Tile_LayoutKind : I32EnumAttr<"LayoutKind", "How a tile's elements are spread over the threads of its warpgroups", [
    I32EnumAttrCase<"Accumulator", 0, "accumulator">,
    I32EnumAttrCase<"Operand", 1, "operand">,
    I32EnumAttrCase<"Row", 2, "row">]> {
  let cppNamespace = "::mlir::tile";
  let genSpecializedAttr = 0;
}

def Tile_LayoutAttr : Tile_Attr<"Layout", "layout"> {
  let summary = "The register layout of a tile";
  let description = [{
    The rows of a tile are dealt to `warpgroups` warpgroups of 128 threads, 64 rows each. Within a warpgroup, warp `w`
    holds rows 16w to 16w+15 in the fragment order of wgmma (PTX ISA, section "Asynchronous warpgroup level matrix
    instructions"): thread `t` of the warp holds rows `t/4` and `t/4 + 8`.
    - `accumulator`: columns `8c + 2(t%4)` and the next one, for every chunk `c`; per chunk the two columns of the upper
      row, then those of the lower;
    - `operand`: the same elements, pairs of 16-bit values packed in 32-bit registers, ready as wgmma's A operand;
    - `row`: one value a row, held by the four threads of its quad.

    Constraints:
    - (L1) from 1 to 4 warpgroups.

    Example:
    ```mlir
    #tile.layout<accumulator, warpgroups = 2>
    ```
  }];
  let parameters = (ins "LayoutKind":$kind, "int64_t":$warpgroups);
  let assemblyFormat = "`<` $kind `,` struct($warpgroups) `>`";
  let genVerifyDecl = 1;
}

def Tile_PlanAttr : Tile_Attr<"Plan", "plan"> {
  let summary = "How one kernel is cut into tiles and scheduled on its target";
  let description = [{
    - `target`: "cpu" or a GPU architecture such as "sm_90a";
    - `query_tile`, `kv_tile`: rows of the query and of key/value that one step works on;
    - `warpgroups`: consumer warpgroups of 64 query rows each (0 on the CPU);
    - `stages`: slots of the key ring and of the value ring (0 on the CPU);
    - `overlap`: the next product of query and key runs under this block's softmax (FlashAttention-3, arXiv 2407.08608,
      section 3.2);
    - `ping_pong`: warpgroups take turns in issuing products (the same paper, section 3.1);
    - `persistent`: as many blocks as the GPU holds at once, each of which runs one program after another, so that the
      producer loads for the next program while the consumers finish this one; false when left out;
    - `rescale_threshold`: sums are rescaled only once a score passes its row's reference by this many powers of two; 0, or
      left out: at every new maximum;
    - `keys_first`: the producer loads the keys of block i+1 before the values of block i, in the order in which overlapped
      products use them; false when left out;
    - `residency`: blocks that share a multiprocessor, so that one computes while another looks for its keys, loads its
      first tiles or stores; each has that part of the registers and of the shared memory; 1 when left out;
    - `cluster`: blocks with neighbouring query tiles of one head that load keys and values together: each loads its part of
      a tile into the shared memory of all, so the level-2 cache is read once for them; 1 when left out;
    - `dynamic`: the last programs of a persistent kernel are drawn: a block gets its next one from a counter when it is ready for
      it, so that blocks end together; all are dealt out by the number of a block when left out;
    - `split`: blocks of a cluster that share one program: each visits a part of its key blocks, and the first merges what they
      found (Flash-Decoding, with the partial results in distributed shared memory). Where the mask has a region, only the first
      query tile of every head is shared, since a global token has it see all keys (`tile.global_first`); else every tile is. 1
      when left out;
    - `packed_heads`: query heads with one key/value head that share a tile, `query_tile / packed_heads` queries of each
      (GQA packing), so that keys are read once for them and few queries fill a tile; 1 when left out;
    - `least_part`: blocks of keys that are worth a part. Where it is given, a launch decides how many blocks, at most `split`,
      share a program, by its programs and its keys (attn/Image/Image.h says how); always `split` when left out;
    - `staged_stores`: the output tile goes to the GPU's memory by way of shared memory, each warp's rows as soon as it has
      them, and is on its way while the next program begins; from registers when left out;
    - `ascending`: the blocks of keys of a query tile are visited from the first to the last. Under a causal mask the blocks that
      need it are last then, and query tiles of one head that begin together read the same keys at one time; and of the heavy and
      light programs that are dealt to a persistent kernel's blocks, every other block runs the light one first. From the last to
      the first when left out;
    - `own_ends`: a warpgroup ends with the last block of keys that one of its own 64 rows sees, and gives the later blocks of its
      query tile back unread; it visits none where no row of it is stored. A persistent kernel can leave warpgroups out of a
      program so, by which blocks share the programs of a last round. A warpgroup visits all blocks when left out, and under a
      mask region or where a tile's rows are of several heads;
    - `sum_column`: the sums of the weights are a column of the accumulator, made by the product with the values, beside which
      stands a column of ones. A sum costs no addition then, where the product is not what a block waits for, and is that of the
      rounded weights, by which the output is their exact mean. Sums are added up apart when left out, where the log-sum-exp is
      stored, under dropout, whose sums are of all weights, and where value_dim is not 64;
    - `overlap_programs`: a block of a persistent kernel issues the first product of its next program right behind the last one of
      a program, whose end and store run while those scores are made. One after the other when left out.

    Constraints:
    - (P1) tiles are positive; `kv_tile` is a multiple of 16 of at most 256 on a GPU;
    - (P2) on a GPU `query_tile` is 64 times `warpgroups`, and `stages` is from 1 to 8;
    - (P3) only a plan for a GPU is persistent;
    - (P4) `rescale_threshold` is from 0 to 15, so that no weight overflows f16, and 0 on the CPU;
    - (P5) `residency` is from 1 to 4, and 1 on the CPU;
    - (P6) `cluster` is 1, 2 or 4; more than 1 needs a persistent plan, and a `kv_tile` of which each block loads a multiple of
      8 rows;
    - (P7) only a persistent plan without clusters is dynamic;
    - (P8) `split` is 1, 2, 4 or 8; more than 1 needs a plan for a GPU that is not persistent;
    - (P9) `packed_heads` is at least 1; more than 1 needs `cluster` to be 1 and a tile with a multiple of 16 queries of each
      head, so that the rows of a warp, or of a vector, are of one head;
    - (P10) `least_part` is at least 0; more than 0 needs a `split` of more than 1;
    - (P11) only a plan for a GPU with a `split` of 1 stages stores;
    - (P12) only a plan for a GPU that is ascending, without turns, clusters and splits, has ends of warpgroups' own;
    - (P13) only a plan for a GPU with a `rescale_threshold` of at least 1 and a `split` of 1 has a column of sums;
    - (P14) only a persistent plan with `overlap`, whose warpgroups end together, overlaps programs.

    Example:
    ```mlir
    #tile.plan<target = "sm_90a", query_tile = 128, kv_tile = 128, warpgroups = 2, stages = 2, overlap = true, ping_pong = false>
    ```
  }];
  let parameters = (ins StringRefParameter<>:$target, "int64_t":$query_tile, "int64_t":$kv_tile, "int64_t":$warpgroups,
      "int64_t":$stages, "bool":$overlap, "bool":$ping_pong,
      DefaultValuedParameter<"bool", "false">:$persistent, DefaultValuedParameter<"int64_t", "0">:$rescale_threshold,
      DefaultValuedParameter<"bool", "false">:$keys_first, DefaultValuedParameter<"int64_t", "1">:$residency,
      DefaultValuedParameter<"int64_t", "1">:$cluster, DefaultValuedParameter<"bool", "false">:$dynamic,
      DefaultValuedParameter<"int64_t", "1">:$split, DefaultValuedParameter<"int64_t", "1">:$packed_heads,
      DefaultValuedParameter<"int64_t", "0">:$least_part, DefaultValuedParameter<"bool", "false">:$staged_stores,
      DefaultValuedParameter<"bool", "false">:$ascending, DefaultValuedParameter<"bool", "false">:$own_ends,
      DefaultValuedParameter<"bool", "false">:$sum_column, DefaultValuedParameter<"bool", "false">:$overlap_programs);
  let assemblyFormat = "`<` struct(params) `>`";
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    bool isGpu() const { return getTarget() != "cpu"; }
    /// Queries of each head in a tile.
    int64_t getQueriesOfHead() const { return getQueryTile() / getPackedHeads(); }
    /// The fields by name, with what they are when left out.
    struct Fields {
      StringRef target;
      int64_t queryTile = 0, kvTile = 0, warpgroups = 0, stages = 0;
      bool overlap = false, pingPong = false, persistent = false;
      int64_t rescaleThreshold = 0;
      bool keysFirst = false;
      int64_t residency = 1, cluster = 1;
      bool dynamic = false;
      int64_t split = 1, packedHeads = 1, leastPart = 0;
      bool stagedStores = false, ascending = false, ownEnds = false, sumColumn = false, overlapPrograms = false;
    };
    Fields getFields() const;
    static PlanAttr get(MLIRContext *context, const Fields &fields);
    /// The same plan with other tiles.
    PlanAttr withTiles(int64_t kvTile, int64_t warpgroups) const;
  }];
}

//===-- Types --===//

def Tile_SharedType : Tile_Type<"Shared", "shared"> {
  let summary = "A tile in shared memory, rows of 128-byte swizzled column chunks";
  let description = [{
    Columns are cut into chunks of 128 bytes; a chunk stores all rows one after another, 128 bytes each, with the
    128-byte swizzle of TMA and wgmma. The last chunk is stored whole, zero-filled beyond the tile's columns.

    Example:
    ```mlir
    !tile.shared<128x80xbf16>
    ```
  }];
  let parameters = (ins "int64_t":$rows, "int64_t":$columns, "Type":$elementType);
  let hasCustomAssemblyFormat = 1;
  let extraClassDeclaration = [{
    /// Columns of one 128-byte chunk.
    int64_t getChunkColumns() const { return 1024 / getElementType().getIntOrFloatBitWidth(); }
    int64_t getChunks() const { return (getColumns() + getChunkColumns() - 1) / getChunkColumns(); }
    /// Bytes of one chunk, and of the whole tile as it lies in shared memory.
    int64_t getChunkBytes() const { return getRows() * 128; }
    int64_t getBytes() const { return getChunks() * getChunkBytes(); }
  }];
}

def Tile_RingType : Tile_Type<"Ring", "ring"> {
  let summary = "A ring of shared-memory tiles that one role fills and another empties";
  let description = [{
    Before `tile-lower-rings` a ring carries its own full and empty barriers; afterwards it is storage only.

    Example:
    ```mlir
    !tile.ring<2, 128x128xbf16>
    ```
  }];
  let parameters = (ins "int64_t":$stages, "SharedType":$slot);
  let hasCustomAssemblyFormat = 1;
  let extraClassDeclaration = [{
    int64_t getBytes() const { return getStages() * getSlot().getBytes(); }
  }];
}

def Tile_BarriersType : Tile_Type<"Barriers", "barriers"> {
  let summary = "An array of mbarriers in shared memory";
  let description = [{
    Example:
    ```mlir
    !tile.barriers<2>
    ```
  }];
  let parameters = (ins "int64_t":$count);
  let assemblyFormat = "`<` $count `>`";
}

def Tile_PartialType : Tile_Type<"Partial", "partial"> {
  let summary = "Row sums kept in parts";
  let description = [{
    The sum of each row is kept in as many parts as suit the target (four lanes of a quad on a GPU, the lanes of a
    vector on a CPU), so no arithmetic can mistake a part for the sum: only `tile.row_total` yields the sum.

    Example:
    ```mlir
    !tile.partial<128xf32>
    ```
  }];
  let parameters = (ins "int64_t":$rows, "Type":$elementType);
  let hasCustomAssemblyFormat = 1;
}

def Tile_BlockTableType : Tile_Type<"BlockTable", "block_table"> {
  let summary = "Which key blocks a query tile visits";
  let description = [{
    Example:
    ```mlir
    !tile.block_table
    ```
  }];
}

def Tile_PendingType : Tile_Type<"Pending", "pending"> {
  let summary = "The result of an asynchronous product that has been issued and not awaited";
  let description = [{
    Example:
    ```mlir
    !tile.pending<tensor<128x128xf32, #tile.layout<accumulator, warpgroups = 2>>>
    ```
  }];
  let parameters = (ins "RankedTensorType":$tile);
  let assemblyFormat = "`<` $tile `>`";
}

#endif // ATTN_DIALECT_TILE_BASE_TD
