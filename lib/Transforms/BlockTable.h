// Emits the table of key blocks that a query tile visits, for mask regions without ranges in closed form: a part of
// tile-split-ranges.
#ifndef ATTN_LIB_TRANSFORMS_BLOCKTABLE_H
#define ATTN_LIB_TRANSFORMS_BLOCKTABLE_H

#include "IndexOperations.h"

#include "attn/Analysis/MaskRanges.h"
#include "attn/Dialect/Tile/IR/Tile.h"

namespace mlir::attn {

using RegionRanges = ::attn::analysis::MaskRangesOf<IndexOperations>;

/// What is known of the tiles of a mask without its table.
struct KnownRanges {
  std::vector<RegionRanges::Blocks> visited; ///< blocks that may hold an allowed pair
  std::vector<RegionRanges::Keys> forbidden; ///< every block apart from these has no forbidden pair
  Value fullEnd;                             ///< blocks that end behind it are not full
};

/// Where a table would tell nothing that ranges do not, `table` is null and `why` says what stands in the way.
struct BlockTable {
  tile::TabulateOp table;
  std::string why;
};

/// Makes the table before the insertion point of `ops`, which knows what stands for the region's arguments.
BlockTable emitBlockTable(IndexOperations &ops, tile::RegionMaskOp region, tile::BandMaskOp mask,
                          const ::attn::analysis::TiledBand &band, const KnownRanges &known);

} // namespace mlir::attn

#endif // ATTN_LIB_TRANSFORMS_BLOCKTABLE_H
