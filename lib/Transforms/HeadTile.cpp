// One number where a tile has one head, so that what depends on it alone is computed once.
#include "HeadTile.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;

Value mlir::attn::emitHeads(OpBuilder &b, Location loc, RankedTensorType type, Value head, int64_t packed) {
  if (packed > 1)
    return tile::IndicesOp::create(b, loc, type, tile::IndexKind::Head, head, packed);
  return tensor::SplatOp::create(b, loc, type, arith::IndexCastOp::create(b, loc, b.getI32Type(), head).getResult());
}
