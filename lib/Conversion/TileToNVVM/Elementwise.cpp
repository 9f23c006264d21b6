// Arithmetic on tiles: one scalar operation a piece, and the few operations that cross columns.
#include "KernelEmitter.h"

#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::tile;

LogicalResult KernelEmitter::emitConstant(arith::ConstantOp op) {
  auto splat = dyn_cast<SplatElementsAttr>(op.getValue());
  SmallVector<Type> types = pieceTypes(op.getType());
  Value value;
  if (splat && types.front() == splat.getElementType()) {
    value = arith::ConstantOp::create(b, loc, splat.getSplatValue<TypedAttr>());
  } else if (splat && isa<FloatType>(splat.getElementType()) && splat.getElementType().getIntOrFloatBitWidth() == 16) {
    int64_t bits = splat.getSplatValue<APFloat>().bitcastToAPInt().getZExtValue();
    value = i32(static_cast<int32_t>(bits << 16 | bits)); // two columns in one register
  } else {
    return op.emitOpError("expects a tile constant of one value of 16 or 32 bits");
  }
  pieces[op.getResult()] = Pieces(types.size(), value);
  return success();
}

/// Two neighbouring columns in one conversion.
Value KernelEmitter::emitPair(arith::TruncFOp op, Value left, Value right) {
  bool bf16 = getElementTypeOrSelf(op.getType()).isBF16();
  StringRef text = bf16 ? "cvt.rn.bf16x2.f32 $0, $1, $2;" : "cvt.rn.f16x2.f32 $0, $1, $2;";
  return assembly(text, "=r,f,f", {right, left}, b.getI32Type(), /*effect=*/false);
}

void KernelEmitter::emitTruncate(arith::TruncFOp op) {
  const Pieces &wide = pieces[op.getIn()];
  Pieces result;
  for (size_t i = 0; i < wide.size(); i += 2)
    result.push_back(emitPair(op, wide[i], wide[i + 1]));
  pieces[op.getResult()] = std::move(result);
}

/// One operation on the scalars of one piece. Functions and divisions are approximations of the special-function unit, a
/// few units in the last place; none is a call, which would serialise wgmma.
Value KernelEmitter::emitPiece(Operation *op, ValueRange operands, Type type) {
  auto unary = [&](StringRef name) {
    return assembly((name + ".f32 $0, $1;").str(), "=f,f", operands, type, /*effect=*/false);
  };
  if (isa<math::Exp2Op>(op))
    return unary("ex2.approx.ftz");
  if (isa<math::Log2Op>(op))
    return unary("lg2.approx.ftz");
  if (isa<math::TanhOp>(op))
    return unary("tanh.approx");
  if (isa<math::AbsFOp>(op))
    return unary("abs");
  if (isa<math::SqrtOp>(op))
    return unary("sqrt.approx");
  if (isa<math::RsqrtOp>(op))
    return unary("rsqrt.approx");
  if (isa<arith::DivFOp>(op))
    return assembly("div.full.f32 $0, $1, $2;", "=f,f,f", operands, type, /*effect=*/false);
  return b.create(OperationState(loc, op->getName(), operands, type, op->getAttrs()))->getResult(0);
}

static bool isElement(Operation *op) {
  return isa<DealOp>(op) || (op->hasTrait<OpTrait::Elementwise>() && !isa<arith::TruncFOp>(op));
}

/// Integers and conditions are computed where something else needs them, one piece after the other: a long chain, such as
/// random words or a mask, then takes the registers of one piece and not of all.
bool KernelEmitter::isDeferred(Operation *op) {
  auto isWhole = [](Type type) { return isa<RankedTensorType>(type) && getElementTypeOrSelf(type).isInteger(); };
  return isElement(op) && llvm::all_of(op->getResultTypes(), isWhole) && llvm::all_of(op->getUsers(), [&](Operation *user) {
           return user->getBlock() == op->getBlock() && (isElement(user) || isa<GatherOp>(user));
         });
}

/// A piece of a tile, computed now if its operation was deferred.
Value KernelEmitter::piece(Value tile, size_t i) {
  if (auto found = pieces.find(tile); found != pieces.end())
    return found->second[i];
  return emitElement(tile.getDefiningOp(), i)[cast<OpResult>(tile).getResultNumber()];
}

/// The results of an operation for one piece. Pieces with the same operands share them: what depends on the row or the
/// column alone is computed once for each.
SmallVector<Value> KernelEmitter::emitElement(Operation *op, size_t i) {
  if (isa<DealOp>(op)) {
    Position offset = getAccumulatorOffset(i);
    return {piece(op->getOperand(offset.row / 8 % 2 * 2 + offset.column / 8 % 2), i)};
  }
  SmallVector<Value> operands;
  for (Value operand : op->getOperands())
    operands.push_back(isTile(operand.getType()) ? piece(operand, i) : scalar(operand));
  auto key = llvm::map_to_vector(operands, [](Value operand) { return operand.getAsOpaquePointer(); });
  SmallVector<Value> &results = known[op][key];
  if (results.empty() && isa<arith::MulUIExtendedOp>(op)) {
    auto product = arith::MulUIExtendedOp::create(b, loc, operands[0], operands[1]);
    results = {product.getLow(), product.getHigh()};
  } else if (results.empty()) {
    results = {emitPiece(op, operands, pieceTypes(op->getResult(0).getType())[i])};
  }
  return results;
}

LogicalResult KernelEmitter::emitElementwise(Operation *op) {
  if (auto constant = dyn_cast<arith::ConstantOp>(op))
    return emitConstant(constant);
  if (isPartOfWeights(op))
    return success(); // emitted with the sums
  Value result = op->getResult(0);
  SmallVector<Type> types = pieceTypes(result.getType());
  if (auto splat = dyn_cast<tensor::SplatOp>(op)) {
    pieces[result] = Pieces(types.size(), scalar(splat.getInput()));
    return success();
  }
  if (auto truncate = dyn_cast<arith::TruncFOp>(op))
    return emitTruncate(truncate), success();
  if (!isElement(op) || types.front() == b.getI32Type() != // packed 16-bit tiles have no arithmetic
                            cast<RankedTensorType>(result.getType()).getElementType().isInteger(32))
    return op->emitOpError("has no lowering to a GPU for ") << result.getType();
  if (isDeferred(op))
    return success();
  SmallVector<Pieces> out(op->getNumResults());
  for (size_t i = 0; i != types.size(); ++i)
    for (auto [list, value] : llvm::zip(out, emitElement(op, i)))
      list.push_back(value);
  for (auto [value, list] : llvm::zip(op->getResults(), out))
    pieces[value] = std::move(list);
  return success();
}

/// Combines the four lanes of a quad, which hold one row between them.
Value KernelEmitter::reduceQuad(Value value, function_ref<Value(Value, Value)> combine) {
  for (int64_t distance : {1, 2}) {
    Value other = NVVM::ShflOp::create(b, loc, value.getType(), i32(-1), value, i32(distance), i32(31),
                                       NVVM::ShflKind::bfly, UnitAttr());
    value = combine(value, other);
  }
  return value;
}

void KernelEmitter::emitRowMax(RowMaxOp op) {
  auto maximum = [&](Value left, Value right) -> Value { return arith::MaxNumFOp::create(b, loc, left, right); };
  const Pieces &tile = pieces[op.getTile()], &init = pieces[op.getInit()];
  Pieces result;
  for (int half : {0, 1}) {
    // One chain a column parity: half the latency of one chain.
    Value even = init[half], odd;
    for (size_t i = 2 * half; i < tile.size(); i += 4) {
      even = maximum(even, tile[i]);
      odd = odd ? maximum(odd, tile[i + 1]) : tile[i + 1];
    }
    result.push_back(reduceQuad(maximum(even, odd), maximum));
  }
  pieces[op.getResult()] = std::move(result);
}

void KernelEmitter::emitRowTotal(RowTotalOp op) {
  Pieces result;
  for (Value part : pieces[op.getSum()])
    result.push_back(reduceQuad(
        part, [&](Value left, Value right) -> Value { return arith::AddFOp::create(b, loc, left, right); }));
  pieces[op.getResult()] = std::move(result);
}

void KernelEmitter::emitDetachSums(DetachSumsOp op) {
  const Pieces all = pieces[op.getTile()];
  size_t leading = pieceTypes(op.getLeading().getType()).size();
  Pieces sums; // every column behind the leading ones has them
  for (int64_t row = 0; row < kRowPieces; ++row)
    sums.push_back(all[leading + 2 * row]);
  pieces[op.getLeading()] = Pieces(ArrayRef<Value>(all).take_front(leading));
  pieces[op.getSums()] = std::move(sums);
}

void KernelEmitter::emitBroadcast(BroadcastRowsOp op) {
  const Pieces rows = pieces[op.getRows()];
  Pieces result;
  for (size_t i = 0, count = pieceTypes(op.getType()).size(); i < count; ++i)
    result.push_back(rows[getRowPiece(i)]);
  pieces[op.getResult()] = std::move(result);
}

/// Whether a tile has the rows of several heads.
bool KernelEmitter::holdsHeads(int64_t rowsOfHead) { return rowsOfHead != kWarpgroupRows * plan.getWarpgroups(); }

/// The head that the rows of a warp are of (P9 of the plan), of those that begin with `first`.
Value KernelEmitter::headOfWarp(Value first, int64_t rowsOfHead) {
  return holdsHeads(rowsOfHead) ? add(first, arith::DivUIOp::create(b, loc, warpRow, i32(rowsOfHead))) : first;
}

/// `row` of the tile, the first one of a warp or of a thread, among those of its head, of which the tile's first is `first`.
Value KernelEmitter::rowOfHead(Value row, Value first, int64_t rowsOfHead) {
  if (holdsHeads(rowsOfHead))
    row = arith::SubIOp::create(b, loc, row, mul(headOfWarp(i32(0), rowsOfHead), i32(rowsOfHead)));
  return add(first, row);
}

Value KernelEmitter::rowOfThread(Value first, int64_t rowsOfHead) { return rowOfHead(threadRow, first, rowsOfHead); }

void KernelEmitter::emitIndices(IndicesOp op) {
  int64_t rows = op.getRowsOfHead();
  if (op.getKind() == IndexKind::Head) {
    pieces[op.getResult()] = Pieces(pieceTypes(op.getType()).size(), headOfWarp(scalar(op.getBase()), rows));
    return;
  }
  bool row = op.getKind() == IndexKind::Row;
  Value base = row ? rowOfThread(scalar(op.getBase()), rows) : add(scalar(op.getBase()), threadColumn);
  // The base and a thread's origin have no low bits that a cleared one could be confused with (Layouts.h).
  int64_t mask = ~op.getClear().value_or(0);
  Pieces result;
  DenseMap<int64_t, Value> known; // by offset
  for (int64_t i = 0, count = pieceTypes(op.getType()).size(); i < count; ++i) {
    int64_t offset = (row ? getAccumulatorOffset(i).row : getAccumulatorOffset(i).column) & mask;
    Value &index = known[offset];
    if (!index)
      index = add(base, i32(offset));
    result.push_back(index);
  }
  pieces[op.getResult()] = std::move(result);
}

/// One conversion a row of the thread, at its first column; an element is that less the constant that its column is further.
/// A thread's columns are pairs that lie 8 apart, and the near part is that of the first.
void KernelEmitter::emitDistances(DistancesOp op) {
  Value origin = arith::SubIOp::create(b, loc, rowOfThread(scalar(op.getBase()), op.getRowsOfHead()), threadColumn);
  Type type = b.getF32Type();
  DenseMap<int64_t, Value> rows;
  Pieces result;
  for (int64_t i = 0, count = pieceTypes(op.getType()).size(); i < count; ++i) {
    Position offset = getAccumulatorOffset(i);
    Value further = arith::ConstantOp::create(b, loc, b.getF32FloatAttr(-static_cast<float>(offset.column)));
    if (op.getPart() == DistancePart::Far) {
      result.push_back(further);
      continue;
    }
    Value &row = rows[offset.row];
    if (!row)
      row = arith::SIToFPOp::create(b, loc, type, add(origin, i32(offset.row)));
    bool whole = op.getPart() == DistancePart::Whole;
    result.push_back(whole ? arith::AddFOp::create(b, loc, row, further).getResult() : row);
  }
  pieces[op.getResult()] = std::move(result);
}
