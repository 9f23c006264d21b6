// Loops of elementwise groups. A group's operations are evaluated on one vector after another; values that only the group
// uses never reach memory.
#include "CpuEmitter.h"

#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::tile;
using namespace mlir::tile::cpu;

/// A constant, broadcast or index at one position.
Value CpuEmitter::evaluateLeaf(const Group &group, Position &at, Operation *op) {
  if (auto constant = dyn_cast<arith::ConstantOp>(op)) {
    auto dense = cast<DenseElementsAttr>(constant.getValue());
    VectorType type = c.vector(dense.getElementType(), c.lanes());
    return c.make<arith::ConstantOp>(DenseElementsAttr::get(type, dense.getSplatValue<Attribute>()));
  }
  if (isa<EmptySumOp>(op))
    return c.constant(0.0f);
  if (auto splat = dyn_cast<tensor::SplatOp>(op))
    return c.splat(mapping.lookup(splat.getInput()));
  if (auto indices = dyn_cast<IndicesOp>(op))
    return evaluateIndices(group, at, indices);
  if (auto distances = dyn_cast<DistancesOp>(op))
    return evaluateDistances(group, at, distances);
  Value rows = cast<BroadcastRowsOp>(op).getRows();
  if (Operation *inner = rows.getDefiningOp(); inner && isLeaf(inner))
    return evaluateLeaf(group, at, inner);
  const Storage *storage = plan.find(rows);
  assert(storage && "row values that a matrix uses are in memory");
  // Rows run along the lanes of scores, and from line to line of an accumulator.
  if (group.space == Form::Scores)
    return c.load(c.f32s(), address(*storage, c.i64(0), at.word));
  return c.splat(c.load(c.b.getF32Type(), address(*storage, c.i64(0), at.line)));
}

/// The row of its head that a row of a tile is. The rows of a vector are of one head (P9 of the plan).
Value CpuEmitter::rowOfHead(Value row, int64_t packed, int64_t rowsOfHead) {
  return packed == 1 ? row : c.make<arith::RemUIOp>(row, c.i64(rowsOfHead));
}

Value CpuEmitter::evaluateIndices(const Group &group, Position &at, IndicesOp op) {
  bool rows = op.getKind() != IndexKind::Column;
  bool lines = group.space == Form::Accumulator; // its rows are
  Value place = rows == lines ? at.line : at.word;
  bool alongLanes = rows != lines && op.getKind() != IndexKind::Head;
  if (op.getKind() == IndexKind::Head)
    place = c.make<arith::DivUIOp>(place, c.i64(op.getRowsOfHead()));
  else if (rows)
    place = rowOfHead(place, op.getPacked(), op.getRowsOfHead());
  Value base = c.add(c.toI64(mapping.lookup(op.getBase())), place);
  Value result = c.splat(c.make<arith::TruncIOp>(c.b.getI32Type(), base));
  if (alongLanes)
    result = c.make<arith::AddIOp>(result, c.iota());
  if (std::optional<int64_t> bit = op.getClear())
    result = c.make<arith::AndIOp>(result, c.constant(static_cast<int32_t>(~*bit)));
  return result;
}

/// The near or the far part of the distances of one vector.
Value CpuEmitter::evaluatePart(DistancesOp op, bool rowsAlongLanes, Value row, Value column) {
  auto vectorOf = [&](Value first, bool alongLanes) {
    Value vector = c.splat(c.make<arith::TruncIOp>(c.b.getI32Type(), first));
    return alongLanes ? Value(c.make<arith::AddIOp>(vector, c.iota())) : vector;
  };
  Value columns = vectorOf(column, !rowsAlongLanes), rows = vectorOf(row, rowsAlongLanes);
  Value first = c.make<arith::AndIOp>(columns, c.constant(int32_t(6)));
  Value part = op.getPart() == DistancePart::Far ? c.make<arith::SubIOp>(first, columns) : c.make<arith::SubIOp>(rows, first);
  return c.make<arith::SIToFPOp>(c.f32s(), part);
}

Value CpuEmitter::evaluateDistances(const Group &group, Position &at, DistancesOp op) {
  bool scores = group.space == Form::Scores; // rows run along the lanes
  Value base = c.toI64(mapping.lookup(op.getBase())), column = scores ? at.line : at.word;
  Value row = rowOfHead(scores ? at.word : at.line, op.getPacked(), op.getRowsOfHead());
  if (op.getPart() != DistancePart::Whole)
    return evaluatePart(op, scores, c.add(base, row), column);
  base = c.make<arith::SubIOp>(c.add(base, row), column);
  Value first = c.splat(c.make<arith::TruncIOp>(c.b.getI32Type(), base));
  Value all = scores ? Value(c.make<arith::AddIOp>(first, c.iota())) : Value(c.make<arith::SubIOp>(first, c.iota()));
  return c.make<arith::SIToFPOp>(c.f32s(), all);
}

/// Each element from the tile that its row and column in the tile say.
Value CpuEmitter::evaluateDeal(const Group &group, Position &at, DealOp op) {
  bool scores = group.space == Form::Scores; // rows run along the lanes
  Value word = c.splat(c.make<arith::TruncIOp>(c.b.getI32Type(), at.word));
  Value lanes = c.make<arith::AddIOp>(word, c.iota());
  Value line = c.splat(c.make<arith::TruncIOp>(c.b.getI32Type(), at.line));
  auto eighth = [&](Value index) -> Value {
    Value bit = c.make<arith::AndIOp>(index, c.constant(int32_t(8)));
    return c.make<arith::CmpIOp>(arith::CmpIPredicate::ne, bit, c.constant(int32_t(0)));
  };
  Value row = eighth(scores ? lanes : line), column = eighth(scores ? line : lanes);
  Value upper = c.make<arith::SelectOp>(column, get(group, at, op.getSecond()), get(group, at, op.getFirst()));
  Value lower = c.make<arith::SelectOp>(column, get(group, at, op.getFourth()), get(group, at, op.getThird()));
  return c.make<arith::SelectOp>(row, lower, upper);
}

/// The vector of a value at a position: from the group, from memory, or made on the spot.
Value CpuEmitter::get(const Group &group, Position &at, Value value) {
  if (Value known = at.values.lookup(value))
    return known;
  Operation *definition = value.getDefiningOp();
  Value made;
  if (definition && isLeaf(definition)) {
    made = evaluateLeaf(group, at, definition);
  } else if (definition && isRecomputed(definition)) {
    FailureOr<Value> recomputed = evaluateOperation(group, at, definition);
    assert(succeeded(recomputed) && "its own group has evaluated it before");
    made = at.values.lookup(value);
    made = made ? made : *recomputed;
  } else {
    const Storage *storage = plan.find(value);
    assert(storage && "a value from outside of a group is in memory");
    made = c.load(c.f32s(), address(*storage, storage->form == Form::Rows ? c.i64(0) : at.line, at.word));
  }
  return at.values[value] = made;
}

FailureOr<Value> CpuEmitter::evaluateOperation(const Group &group, Position &at, Operation *op) {
  if (auto gather = dyn_cast<GatherOp>(op))
    return evaluateGather(group, at, gather);
  auto operand = [&](unsigned i) { return get(group, at, op->getOperand(i)); };
  if (isa<math::Exp2Op>(op))
    return c.exp2(operand(0));
  if (isa<math::Log2Op>(op))
    return c.log2(operand(0));
  if (isa<math::TanhOp>(op))
    return c.tanh(operand(0));
  if (isa<math::AbsFOp>(op))
    return Value(c.make<math::AbsFOp>(operand(0)));
  if (isa<math::SqrtOp>(op))
    return Value(c.make<math::SqrtOp>(operand(0)));
  if (isa<math::RsqrtOp>(op))
    return Value(c.make<arith::DivFOp>(c.constant(1.0f), c.make<math::SqrtOp>(operand(0))));
  if (isa<math::FmaOp>(op))
    return c.multiplyAdd(operand(0), operand(1), operand(2));
  if (isa<RowTotalOp>(op))
    return operand(0);
  if (auto deal = dyn_cast<DealOp>(op))
    return evaluateDeal(group, at, deal);
  if (isa<arith::MulUIExtendedOp>(op)) {
    auto product = arith::MulUIExtendedOp::create(c.b, c.loc, operand(0), operand(1));
    at.values[op->getResult(1)] = product.getHigh();
    return at.values[op->getResult(0)] = product.getLow();
  }
  Type element = getElementTypeOrSelf(op->getResult(0).getType());
  if (isa<arith::TruncFOp>(op))
    return c.narrow(operand(0), element);
  if (isa<arith::ExtFOp>(op))
    return c.widen(operand(0), getElementTypeOrSelf(op->getOperand(0).getType()));
  bool known = op->getDialect()->getNamespace() == "arith" && op->getNumRegions() == 0;
  if (!known || (element.isIntOrFloat() && !element.isF32() && !element.isInteger(1) && !element.isInteger(32)))
    return op->emitOpError("on tiles is not known to the CPU conversion"), failure();
  SmallVector<Value> operands;
  for (unsigned i = 0; i != op->getNumOperands(); ++i)
    operands.push_back(operand(i));
  OperationState state(c.loc, op->getName(), operands, {c.vector(element, c.lanes())}, op->getAttrs());
  return c.b.create(state)->getResult(0);
}

/// Everything of a group but its reductions, at one position.
LogicalResult CpuEmitter::evaluate(const Group &group, Position &at) {
  for (Operation *op : group.operations) {
    if (isa<RowMaxOp, RowAccumulateOp>(op))
      continue;
    FailureOr<Value> value = evaluateOperation(group, at, op);
    if (failed(value))
      return failure();
    at.values[op->getResult(0)] = *value;
  }
  return success();
}

/// Writes the results that have a place. Weights in pairs take two neighbouring positions at once.
void CpuEmitter::storeResults(const Group &group, MutableArrayRef<Position> positions) {
  for (Operation *op : group.operations) {
    Value result = op->getResult(0); // where there are two they are integers, which have no place
    const Storage *storage = plan.find(result);
    if (!storage || isa<RowMaxOp, RowAccumulateOp>(op))
      continue;
    if (storage->form == Form::Weights) {
      Value words[2];
      for (int i : {0, 1})
        words[i] = c.make<arith::ExtUIOp>(c.i32s(), positions[i].values[result]);
      Value upper = c.make<arith::ShLIOp>(words[1], c.constant(int32_t(16)));
      Value line = c.make<arith::ShRUIOp>(positions[0].line, c.i64(1));
      c.store(c.make<arith::OrIOp>(words[0], upper), address(*storage, line, positions[0].word));
      continue;
    }
    for (Position &at : positions) {
      Value value = at.values[result];
      Type element = getElementTypeOrSelf(result.getType());
      Value line = storage->form == Form::Rows ? c.i64(0) : at.line;
      if (storage->form == Form::Output) {
        Value bytes = c.add(c.mul(line, storage->lineBytes), c.mul(at.word, 2));
        c.store(value, c.offset(address(*storage), bytes), 2);
        continue;
      }
      if (!element.isF32() && isa<FloatType>(element))
        value = c.widen(value, element);
      c.store(value, address(*storage, line, at.word));
    }
  }
}

/// What does not change from line to line of scores is read before the loop over lines.
void CpuEmitter::loadInvariants(const Group &group, Position &at) {
  for (Operation *op : group.operations)
    for (Value operand : op->getOperands()) {
      Operation *leaf = operand.getDefiningOp();
      if (!leaf || !isLeaf(leaf))
        continue;
      auto indices = dyn_cast<IndicesOp>(leaf);
      if (!isa<DistancesOp>(leaf) && (!indices || indices.getKind() != IndexKind::Column))
        get(group, at, operand);
    }
}

/// Scores: for some vectors of queries at a time, all keys, two lines in a step; reductions are carried in registers.
LogicalResult CpuEmitter::emitScoresGroup(const Group &group) {
  int64_t vectors = group.rows / c.lanes();
  int64_t width = vectors % 4 == 0 ? 4 : vectors % 2 == 0 ? 2 : 1;
  SmallVector<Operation *> reductions;
  llvm::copy_if(group.operations, std::back_inserter(reductions), llvm::IsaPred<RowMaxOp, RowAccumulateOp>);
  LogicalResult result = success();
  c.loop(0, group.rows, width * c.lanes(), [&](Value word) {
    SmallVector<Position> columns(width);
    SmallVector<Value> carried;
    for (int64_t v = 0; v != width; ++v) {
      columns[v].line = c.i64(0);
      columns[v].word = c.add(word, v * c.lanes());
      loadInvariants(group, columns[v]);
      for (Operation *op : reductions) {
        Value start = get(group, columns[v], op->getOperand(isa<RowMaxOp>(op) ? 1 : 0));
        if (isa<RowAccumulateOp>(op))
          start = c.make<arith::MulFOp>(start, get(group, columns[v], op->getOperand(1)));
        carried.push_back(start);
      }
    }
    SmallVector<Value> reduced = c.loop(0, group.columns, 2, carried, [&](Value line, ValueRange values) {
      SmallVector<Value> next(values);
      for (int64_t v = 0; v != width; ++v) {
        Position both[2] = {columns[v], columns[v]};
        for (int64_t i : {0, 1}) {
          both[i].line = c.add(line, i);
          if (failed(evaluate(group, both[i])))
            result = failure();
          for (auto [r, op] : llvm::enumerate(reductions)) {
            Value &sum = next[v * reductions.size() + r];
            Value term = get(group, both[i], op->getOperand(isa<RowMaxOp>(op) ? 0 : 2));
            if (isa<RowAccumulateOp>(op))
              sum = c.make<arith::AddFOp>(sum, term);
            else
              sum = c.make<arith::SelectOp>(c.make<arith::CmpFOp>(arith::CmpFPredicate::OGT, sum, term), sum, term);
          }
        }
        storeResults(group, both);
      }
      return next;
    });
    for (int64_t v = 0; v != width; ++v)
      for (auto [r, op] : llvm::enumerate(reductions))
        c.store(reduced[v * reductions.size() + r], address(*plan.find(op->getResult(0)), c.i64(0), columns[v].word));
  });
  return result;
}

/// Accumulators and rows: line after line, vector after vector.
LogicalResult CpuEmitter::emitLinesGroup(const Group &group) {
  bool rows = group.space == Form::Rows;
  int64_t words = rows ? group.rows : llvm::alignTo(group.columns, c.lanes());
  int64_t vectors = words / c.lanes();
  int64_t width = vectors % 4 == 0 ? 4 : 1;
  LogicalResult result = success();
  if (llvm::any_of(group.operations, llvm::IsaPred<RowMaxOp, RowAccumulateOp>))
    return group.operations.front()->emitOpError("expects reductions of scores alone");
  c.loop(0, rows ? 1 : group.rows, 1, [&](Value line) {
    c.loop(0, words, width * c.lanes(), [&](Value word) {
      for (int64_t v = 0; v != width; ++v) {
        Position at;
        at.line = line;
        at.word = c.add(word, v * c.lanes());
        if (failed(evaluate(group, at)))
          result = failure();
        else
          storeResults(group, at);
      }
    });
  });
  return result;
}

LogicalResult CpuEmitter::emitGroup(const Group &group) {
  if (group.rows % c.lanes() != 0 || group.columns % 2 != 0)
    return group.operations.front()->emitOpError("expects a multiple of ")
           << c.lanes() << " rows and of 2 columns, got " << group.rows << "x" << group.columns;
  return group.space == Form::Scores ? emitScoresGroup(group) : emitLinesGroup(group);
}
