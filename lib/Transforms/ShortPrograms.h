// How many keys a query tile visits under a mask, for the choice of a plan: a tile of few keys spends most of its time on
// looking for them, its first loads and its store.
#ifndef ATTN_TRANSFORMS_SHORTPROGRAMS_H
#define ATTN_TRANSFORMS_SHORTPROGRAMS_H

#include "attn/Dialect/Attn/IR/Attn.h"

namespace mlir::attn {

struct SmallTiles {
  int64_t residency; ///< blocks that should share a multiprocessor; 1, which is to say large tiles, where programs are long
  bool searched = false; ///< which keys a tile visits is found by searches
  int64_t split = 1;     ///< blocks that should share a program that visits all keys
  int64_t packedHeads = 1;
  int64_t leastPart = 0; ///< blocks of keys that are worth a part, where a launch decides how many share a program
};

/// Small tiles for an op whose query tiles visit few of `length` keys. A tile in the middle decides where its ranges follow from
/// lengths alone; places in sorted buffers and tables of blocks are for masks that leave most keys out. Not for sequences of
/// their own lengths.
SmallTiles smallTilesOf(AttentionOp op, int64_t length);

} // namespace mlir::attn

#endif // ATTN_TRANSFORMS_SHORTPROGRAMS_H
