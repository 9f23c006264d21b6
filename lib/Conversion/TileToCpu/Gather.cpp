// Reads of captured buffers: one element for all lanes where no index depends on the lane, else one a lane.
#include "CpuEmitter.h"

#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::tile;
using namespace mlir::tile::cpu;

/// Whether elements of a tile may differ among the rows of a vector, which are of one head. Rows run along the lanes of scores.
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

/// One element at i64 indices, 0 outside of the extents.
Value CpuEmitter::loadElement(const Tensor &source, ArrayRef<Value> indices) {
  Value inside, offset = c.i64(0);
  for (auto [axis, index] : llvm::enumerate(indices)) {
    Value fits = c.make<arith::CmpIOp>(arith::CmpIPredicate::ult, index, source.sizes[axis]);
    inside = inside ? Value(c.make<arith::AndIOp>(inside, fits)) : fits;
    offset = c.add(offset, c.mul(c.mul(index, source.strides[axis]), source.element.getIntOrFloatBitWidth() / 8));
  }
  bool half = source.element.getIntOrFloatBitWidth() == 16;
  VectorType type = c.vector(half ? Type(c.b.getI16Type()) : source.element, 1);
  Value address = c.splat(c.offset(source.base, offset), 1);
  Value loaded = c.make<LLVM::masked_gather>(type, address, c.splat(inside, 1), ValueRange{c.zero(type)}, half ? 2 : 4);
  return c.extract(half ? c.widen(loaded, source.element) : loaded, 0);
}

void CpuEmitter::emitElement(ElementOp op) {
  auto indices = llvm::map_to_vector(op.getIndices(), [&](Value index) { return c.toI64(mapping.lookup(index)); });
  mapping.map(op.getResult(), loadElement(tensors[op.getSource()], indices));
}

/// Halves [low, high) until it is empty.
void CpuEmitter::emitSearch(SearchOp op) {
  const Tensor &source = tensors[op.getSource()];
  auto wide = [&](Value index) { return c.toI64(mapping.lookup(index)); };
  SmallVector<Value> indices = llvm::map_to_vector(op.getLeading(), wide);
  Value value = wide(op.getValue());
  Type i64 = c.b.getI64Type();
  auto loop = c.make<scf::WhileOp>(TypeRange{i64, i64}, ValueRange{wide(op.getFirst()), wide(op.getLast())});
  OpBuilder::InsertionGuard guard(c.b);
  Block *before = c.b.createBlock(&loop.getBefore(), {}, {i64, i64}, {c.loc, c.loc});
  c.make<scf::ConditionOp>(c.less(before->getArgument(0), before->getArgument(1)), before->getArguments());
  Block *after = c.b.createBlock(&loop.getAfter(), {}, {i64, i64}, {c.loc, c.loc});
  Value low = after->getArgument(0), high = after->getArgument(1);
  Value middle = c.make<arith::ShRSIOp>(c.add(low, high), c.i64(1));
  indices.push_back(middle);
  Value number = c.make<arith::ExtSIOp>(i64, loadElement(source, indices));
  if (op.getDivide() != 1)
    number = c.make<arith::DivSIOp>(number, c.i64(op.getDivide()));
  if (op.getStep() != 0)
    number = c.add(number, c.mul(middle, op.getStep()));
  Value below = c.less(number, value);
  Value nextLow = c.make<arith::SelectOp>(below, c.add(middle, 1), low);
  Value nextHigh = c.make<arith::SelectOp>(below, high, middle);
  c.make<scf::YieldOp>(ValueRange{nextLow, nextHigh});
  c.b.setInsertionPointAfter(loop);
  mapping.map(op.getResult(), c.toIndex(loop.getResult(0)));
}
