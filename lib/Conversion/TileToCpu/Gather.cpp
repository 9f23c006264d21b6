// Reads of captured buffers: one element for all lanes where no index depends on the lane, else one a lane.
#include "CpuEmitter.h"

#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::tile;
using namespace mlir::tile::cpu;

/// Whether elements of a tile may differ from row to row. Rows run along the lanes of scores.
static bool dependsOnRow(Value tile) {
  Operation *op = tile.getDefiningOp();
  if (!op)
    return true;
  if (isa<arith::ConstantOp, tensor::SplatOp>(op))
    return false;
  if (auto indices = dyn_cast<IndicesOp>(op))
    return indices.getKind() == IndexKind::Row;
  bool elementwise = isa<arith::ArithDialect>(op->getDialect()) || isa<GatherOp>(op);
  return !elementwise || llvm::any_of(op->getOperands(), [](Value operand) { return isTile(operand.getType()) && dependsOnRow(operand); });
}

FailureOr<Value> CpuEmitter::evaluateGather(const Group &group, Position &at, GatherOp op) {
  const Tensor &source = tensors[op.getSource()];
  bool uniform = group.space == Form::Scores && llvm::none_of(op.getIndices(), dependsOnRow);
  int64_t lanes = uniform ? 1 : c.lanes();
  Type i64 = c.vector(c.b.getI64Type(), lanes);
  Value inside, offset;
  for (auto [axis, operand] : llvm::enumerate(op.getIndices())) {
    Value index = get(group, at, operand);
    if (uniform)
      index = c.splat(c.extract(index, 0), 1);
    Value size = c.splat(c.make<arith::TruncIOp>(c.b.getI32Type(), source.sizes[axis]), lanes);
    Value fits = c.make<arith::CmpIOp>(arith::CmpIPredicate::ult, index, size);
    Value stride = c.splat(c.mul(source.strides[axis], source.element.getIntOrFloatBitWidth() / 8), lanes);
    Value term = c.make<arith::MulIOp>(c.make<arith::ExtSIOp>(i64, index), stride);
    inside = inside ? Value(c.make<arith::AndIOp>(inside, fits)) : fits;
    offset = offset ? Value(c.make<arith::AddIOp>(offset, term)) : term;
  }
  bool half = source.element.getIntOrFloatBitWidth() == 16;
  Type element = half ? Type(c.b.getI16Type()) : source.element;
  VectorType type = c.vector(element, lanes);
  auto pointers = c.vector(source.base.getType(), lanes);
  Value addresses = c.make<LLVM::GEPOp>(pointers, c.b.getI8Type(), source.base, ArrayRef<LLVM::GEPArg>{offset});
  Value loaded = c.make<LLVM::masked_gather>(type, addresses, inside, ValueRange{c.zero(type)},
                                             static_cast<int32_t>(element.getIntOrFloatBitWidth() / 8));
  if (half)
    loaded = c.widen(loaded, source.element);
  return uniform ? c.splat(c.extract(loaded, 0)) : loaded;
}

void CpuEmitter::emitElement(ElementOp op) {
  const Tensor &source = tensors[op.getSource()];
  Value inside, offset = c.i64(0);
  for (auto [axis, operand] : llvm::enumerate(op.getIndices())) {
    Value index = c.toI64(mapping.lookup(operand));
    Value fits = c.make<arith::CmpIOp>(arith::CmpIPredicate::ult, index, source.sizes[axis]);
    inside = inside ? Value(c.make<arith::AndIOp>(inside, fits)) : fits;
    offset = c.add(offset, c.mul(c.mul(index, source.strides[axis]), source.element.getIntOrFloatBitWidth() / 8));
  }
  bool half = source.element.getIntOrFloatBitWidth() == 16;
  VectorType type = c.vector(half ? Type(c.b.getI16Type()) : source.element, 1);
  Value address = c.splat(c.offset(source.base, offset), 1);
  Value loaded = c.make<LLVM::masked_gather>(type, address, c.splat(inside, 1), ValueRange{c.zero(type)}, half ? 2 : 4);
  mapping.map(op.getResult(), c.extract(half ? c.widen(loaded, source.element) : loaded, 0));
}
