// What stands around a product on the ring of its right operand.
#ifndef ATTN_LIB_TRANSFORMS_RINGUSE_H
#define ATTN_LIB_TRANSFORMS_RINGUSE_H

#include "attn/Dialect/Tile/IR/Tile.h"

namespace mlir::attn {

/// The wait for a tile of a ring, the tile, and the release, all in one block.
struct RingUse {
  tile::WaitFullOp wait;
  tile::SlotOp slot;
  tile::ReleaseOp release;

  /// Nothing where `tile` is not the tile of such a use in `block`.
  static std::optional<RingUse> of(Value tile, Block *block) {
    RingUse use;
    use.slot = tile.getDefiningOp<tile::SlotOp>();
    if (!use.slot || use.slot->getBlock() != block)
      return std::nullopt;
    for (Operation *user : use.slot.getRing().getUsers()) {
      if (auto wait = dyn_cast<tile::WaitFullOp>(user); wait && wait->getBlock() == block)
        use.wait = wait;
      if (auto release = dyn_cast<tile::ReleaseOp>(user); release && release->getBlock() == block)
        use.release = release;
    }
    if (!use.wait || !use.release)
      return std::nullopt;
    return use;
  }
};

/// The result of a product, once it is over.
inline Value createAwait(OpBuilder &b, Value pending) {
  return tile::AwaitOp::create(b, pending.getLoc(), cast<tile::PendingType>(pending.getType()).getTile(), pending);
}

} // namespace mlir::attn

#endif // ATTN_LIB_TRANSFORMS_RINGUSE_H
