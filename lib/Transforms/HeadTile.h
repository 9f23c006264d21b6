// The head of each row of a tile.
#ifndef ATTN_LIB_TRANSFORMS_HEADTILE_H
#define ATTN_LIB_TRANSFORMS_HEADTILE_H

#include "attn/Dialect/Tile/IR/Tile.h"

#include "mlir/IR/Builders.h"

namespace mlir::attn {

/// An i32 tile of `type`: `head`, and where `packed` is more than 1, the head of each row from there on.
Value emitHeads(OpBuilder &b, Location loc, RankedTensorType type, Value head, int64_t packed);

} // namespace mlir::attn

#endif // ATTN_LIB_TRANSFORMS_HEADTILE_H
