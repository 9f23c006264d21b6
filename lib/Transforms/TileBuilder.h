// Tile arithmetic in a few words.
#ifndef ATTN_LIB_TRANSFORMS_TILEBUILDER_H
#define ATTN_LIB_TRANSFORMS_TILEBUILDER_H

#include "attn/Dialect/Tile/IR/Tile.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Builders.h"

#include <functional>
#include <limits>

namespace mlir::attn {

/// It stands before the operation that is being expanded.
class TileBuilder {
public:
  explicit TileBuilder(Operation *op) : b(op), loc(op->getLoc()) {}

  template <typename Op, typename... Args>
  Value make(Args &&...args) {
    return Op::create(b, loc, std::forward<Args>(args)...);
  }
  Value splat(Type type, float value) {
    auto tensor = cast<RankedTensorType>(type);
    return make<arith::ConstantOp>(SplatElementsAttr::get(tensor, Attribute(b.getFloatAttr(tensor.getElementType(), value))));
  }
  Value add(Value left, int64_t right) {
    return b.createOrFold<arith::AddIOp>(loc, left, make<arith::ConstantIndexOp>(right));
  }
  Value add(Value left, Value right) { return b.createOrFold<arith::AddIOp>(loc, left, right); }
  Value broadcast(Value rows, Type like) { return make<tile::BroadcastRowsOp>(like, rows); }
  /// Converts a tile to the type in which it leaves the f32 arithmetic.
  Value narrow(Value tile, Type elementType) {
    auto type = cast<RankedTensorType>(tile.getType());
    if (type.getElementType() == elementType)
      return tile;
    return make<arith::TruncFOp>(type.clone(elementType), tile);
  }

  /// The builder of a branch that this one fills.
  std::function<void(OpBuilder &, Location)> nested(std::function<void()> fill) {
    return [this, fill = std::move(fill)](OpBuilder &branch, Location) {
      OpBuilder::InsertionGuard guard(b);
      b.setInsertionPoint(branch.getInsertionBlock(), branch.getInsertionPoint());
      fill();
    };
  }

  OpBuilder b;
  Location loc;
};

constexpr float negativeInfinity = -std::numeric_limits<float>::infinity();

} // namespace mlir::attn

#endif // ATTN_LIB_TRANSFORMS_TILEBUILDER_H
