// Values of a region and elements of captured buffers, computed outside of the region.
#include "IndexOperations.h"

#include "attn/Dialect/Tile/IR/Tile.h"

using namespace mlir;
using namespace mlir::attn;

/// An element of a captured buffer as regions read it, f16 and bf16 extended.
Value IndexOperations::load(memref::LoadOp op) {
  auto indices = llvm::map_to_vector(op.getIndices(), [&](Value index) { return outside.lookup(index); });
  Type type = op.getType().isInteger(32) ? op.getType() : Type(b.getF32Type());
  return tile::ElementOp::create(b, loc, type, outside.lookup(op.getMemRef()), indices);
}

/// A value of a region that is the same for all pairs of a tile, computed before the loop.
Value IndexOperations::copy(Value value) {
  if (Value known = outside.lookupOrNull(value); known || !value.getDefiningOp())
    return known;
  Operation *op = value.getDefiningOp();
  for (Value operand : op->getOperands())
    copy(operand);
  if (auto element = dyn_cast<memref::LoadOp>(op))
    outside.map(value, load(element));
  else if (isa<arith::ExtFOp>(op) && outside.lookup(op->getOperand(0)).getType() == value.getType())
    outside.map(value, outside.lookup(op->getOperand(0)));
  else
    b.clone(*op, outside);
  return outside.lookup(value);
}

Value IndexOperations::symbol(Value value) {
  Value result = copy(value);
  if (result.getType().isInteger(1))
    return arith::IndexCastUIOp::create(b, loc, b.getIndexType(), result);
  return result.getType().isIndex() ? result : arith::IndexCastOp::create(b, loc, b.getIndexType(), result);
}

/// Rows of a tile beyond the last query may lead behind the buffer, whose last element bounds what they could hold; so does the
/// first one for rows in front of it, which what they are compared with forbids besides.
Value IndexOperations::element(const Atom &atom, Value index) {
  Value buffer = outside.lookup(atom.symbol);
  auto type = cast<MemRefType>(buffer.getType());
  Value extent = b.createOrFold<memref::DimOp>(loc, buffer, type.getRank() - 1);
  SmallVector<Value> indices = llvm::map_to_vector(atom.leading, [&](Value value) { return symbol(value); });
  indices.push_back(max(min(index, add(extent, -1)), constant(0)));
  Value loaded = tile::ElementOp::create(b, loc, type.getElementType(), buffer, indices);
  return arith::IndexCastOp::create(b, loc, b.getIndexType(), loaded);
}

Value IndexOperations::search(const Atom &atom, Value value) {
  Value buffer = outside.lookup(atom.symbol);
  Value extent = b.createOrFold<memref::DimOp>(loc, buffer, cast<MemRefType>(buffer.getType()).getRank() - 1);
  SmallVector<Value> leading = llvm::map_to_vector(atom.leading, [&](Value value) { return symbol(value); });
  return tile::SearchOp::create(b, loc, buffer, leading, constant(0), extent, value);
}
