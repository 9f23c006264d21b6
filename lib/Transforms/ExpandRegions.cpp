// tile-expand-regions: writes the bodies of score and mask regions as arithmetic on whole tiles. An index becomes an i32
// tile: it is below 2^30 like every extent. What depends on the row or the column alone is still written for every element;
// both conversions compute equal elements once.
#include "attn/Transforms/Passes.h"

#include "HeadTile.h"

#include "attn/Dialect/Tile/IR/Tile.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Matchers.h"

#include <limits>

namespace mlir::attn {
#define GEN_PASS_DEF_TILEEXPANDREGIONS
#include "attn/Transforms/Passes.h.inc"
} // namespace mlir::attn

using namespace mlir;
using namespace mlir::attn;

namespace {
/// Writes one region operation out before it.
class RegionExpander {
public:
  template <typename RegionOp>
  explicit RegionExpander(RegionOp op)
      : b(op), loc(op.getLoc()), shape(cast<RankedTensorType>(op.getType()).getShape()), body(op.getBody().front()) {
    unsigned next = isa<tile::RegionScoreOp>(op) ? 1 : 0;
    if (next)
      map(body.getArgument(0), op.getScores());
    bind(next++, [&] { return splat(op.getBatch()); });
    bind(next++, [&] { return emitHeads(b, loc, tileOf(b.getI32Type()), op.getHead(), op.getPacked()); });
    bind(next++, [&] { return make<tile::IndicesOp>(tileOf(b.getI32Type()), tile::IndexKind::Row, op.getQuery(), op.getPacked()); });
    bind(next++, [&] { return make<tile::IndicesOp>(tileOf(b.getI32Type()), tile::IndexKind::Column, op.getKey()); });
    for (Value capture : op.getCaptures())
      mapping.map(body.getArgument(next++), capture);
  }

  /// The tile of what the body yields.
  FailureOr<Value> run() {
    for (Operation &op : body.without_terminator()) {
      loc = op.getLoc();
      Value value = expand(&op);
      if (!value)
        return op.emitOpError("has no form on tiles"), failure();
      map(op.getResult(0), value);
    }
    return mapping.lookup(body.getTerminator()->getOperand(0));
  }

private:
  template <typename Op, typename... Args> Value make(Args &&...args) {
    return Op::create(b, loc, std::forward<Args>(args)...);
  }
  void map(Value scalar, Value tile) { mapping.map(scalar, tile); }
  void bind(unsigned argument, function_ref<Value()> tile) {
    if (!body.getArgument(argument).use_empty())
      map(body.getArgument(argument), tile());
  }
  Value operand(Operation *op, unsigned i) { return mapping.lookup(op->getOperand(i)); }
  /// The tile type of a scalar type.
  RankedTensorType tileOf(Type scalar) {
    Type element = scalar.isIndex() ? b.getI32Type() : scalar.isF16() || scalar.isBF16() ? b.getF32Type() : scalar;
    return RankedTensorType::get(shape, element);
  }
  Value splat(Value index) {
    return make<tensor::SplatOp>(tileOf(index.getType()), make<arith::IndexCastOp>(b.getI32Type(), index));
  }
  Value number(int32_t value) {
    return make<arith::ConstantOp>(DenseElementsAttr::get(tileOf(b.getI32Type()), value));
  }
  Value number(float value) { return make<arith::ConstantOp>(DenseElementsAttr::get(tileOf(b.getF32Type()), value)); }
  Value compare(arith::CmpIPredicate predicate, Value left, Value right) {
    return make<arith::CmpIOp>(predicate, left, right);
  }

  Value expand(Operation *op);
  Value constant(arith::ConstantOp op);
  Value gather(memref::LoadOp op);
  Value extent(memref::DimOp op);
  Value divisor(Operation *op);
  Value divideRounding(Operation *op);
  Value elementwise(Operation *op, ValueRange operands);

  OpBuilder b;
  Location loc;
  SmallVector<int64_t> shape;
  Block &body;
  IRMapping mapping;
};
} // namespace

Value RegionExpander::constant(arith::ConstantOp op) {
  RankedTensorType type = tileOf(op.getType());
  if (op.getType().isIndex())
    return number(static_cast<int32_t>(cast<IntegerAttr>(op.getValue()).getInt()));
  return make<arith::ConstantOp>(DenseElementsAttr::get(type, Attribute(op.getValue())));
}

Value RegionExpander::gather(memref::LoadOp op) {
  SmallVector<Value> indices;
  for (Value index : op.getIndices())
    indices.push_back(mapping.lookup(index));
  return make<tile::GatherOp>(tileOf(op.getType()), mapping.lookup(op.getMemRef()), indices);
}

Value RegionExpander::extent(memref::DimOp op) {
  return splat(make<memref::DimOp>(mapping.lookup(op.getSource()), *op.getConstantIndex()));
}

/// The divisor of a division, 1 in the place of 0: elements outside of the tensors read 0, and a division by 0 traps.
Value RegionExpander::divisor(Operation *op) {
  Value right = operand(op, 1);
  if (matchPattern(right, m_Constant()))
    return right;
  return make<arith::SelectOp>(compare(arith::CmpIPredicate::eq, right, number(0)), number(1), right);
}

/// Divisions that round otherwise than towards zero: the quotient towards zero, and one more or less where it left a rest.
Value RegionExpander::divideRounding(Operation *op) {
  Value left = operand(op, 0), right = divisor(op);
  bool isSigned = !isa<arith::CeilDivUIOp>(op);
  Value quotient = isSigned ? make<arith::DivSIOp>(left, right) : make<arith::DivUIOp>(left, right);
  Value rest = make<arith::SubIOp>(left, make<arith::MulIOp>(quotient, right));
  Value rounds = compare(arith::CmpIPredicate::ne, rest, number(0));
  if (isSigned) {
    Value opposite = make<arith::XOrIOp>(compare(arith::CmpIPredicate::slt, rest, number(0)),
                                         compare(arith::CmpIPredicate::slt, right, number(0)));
    if (isa<arith::CeilDivSIOp>(op))
      opposite = make<arith::XOrIOp>(
          opposite, make<arith::ConstantOp>(DenseElementsAttr::get(tileOf(b.getI1Type()), true)));
    rounds = make<arith::AndIOp>(rounds, opposite);
  }
  Value one = make<arith::ExtUIOp>(quotient.getType(), rounds);
  return isa<arith::FloorDivSIOp>(op) ? make<arith::SubIOp>(quotient, one) : make<arith::AddIOp>(quotient, one);
}

Value RegionExpander::elementwise(Operation *op, ValueRange operands) {
  OperationState state(loc, op->getName(), operands, {tileOf(op->getResult(0).getType())}, op->getAttrs());
  return b.create(state)->getResult(0);
}

Value RegionExpander::expand(Operation *op) {
  if (auto number = dyn_cast<arith::ConstantOp>(op))
    return constant(number);
  if (auto load = dyn_cast<memref::LoadOp>(op))
    return gather(load);
  if (auto dim = dyn_cast<memref::DimOp>(op))
    return extent(dim);
  if (isa<arith::FloorDivSIOp, arith::CeilDivSIOp, arith::CeilDivUIOp>(op))
    return divideRounding(op);
  if (isa<arith::DivSIOp, arith::DivUIOp, arith::RemSIOp, arith::RemUIOp>(op))
    return elementwise(op, {operand(op, 0), divisor(op)});
  // Indices are i32 on tiles already, and gathered numbers f32.
  if (op->getNumOperands() == 1 && tileOf(op->getResult(0).getType()) == operand(op, 0).getType() &&
      isa<arith::IndexCastOp, arith::IndexCastUIOp, arith::ExtFOp>(op))
    return operand(op, 0);
  if (isa<math::ExpOp>(op))
    return make<math::Exp2Op>(make<arith::MulFOp>(operand(op, 0), number(1.44269504f)));
  if (isa<math::LogOp>(op))
    return make<arith::MulFOp>(make<math::Log2Op>(operand(op, 0)), number(0.693147181f));
  if (isa<math::AbsIOp>(op))
    return make<arith::MaxSIOp>(operand(op, 0), make<arith::SubIOp>(number(0), operand(op, 0)));
  bool known = isa<arith::ArithDialect, math::MathDialect>(op->getDialect()) && op->getNumResults() == 1;
  if (!known)
    return nullptr;
  SmallVector<Value> operands;
  for (unsigned i = 0; i != op->getNumOperands(); ++i)
    operands.push_back(operand(op, i));
  return elementwise(op, operands);
}

static LogicalResult expandScore(tile::RegionScoreOp op) {
  FailureOr<Value> score = RegionExpander(op).run();
  if (failed(score))
    return failure();
  op.replaceAllUsesWith(*score);
  op.erase();
  return success();
}

static LogicalResult expandMask(tile::RegionMaskOp op) {
  FailureOr<Value> allowed = RegionExpander(op).run();
  if (failed(allowed))
    return failure();
  OpBuilder b(op);
  auto type = cast<RankedTensorType>(op.getType());
  Value none = arith::ConstantOp::create(b, op.getLoc(),
                                         DenseElementsAttr::get(type, -std::numeric_limits<float>::infinity()));
  op.replaceAllUsesWith(arith::SelectOp::create(b, op.getLoc(), *allowed, op.getScores(), none).getResult());
  op.erase();
  return success();
}

namespace {
struct ExpandRegions : attn::impl::TileExpandRegionsBase<ExpandRegions> {
  void runOnOperation() override {
    SmallVector<Operation *> regions;
    getOperation().walk([&](Operation *op) {
      if (isa<tile::RegionScoreOp, tile::RegionMaskOp>(op))
        regions.push_back(op);
    });
    for (Operation *op : regions) {
      auto score = dyn_cast<tile::RegionScoreOp>(op);
      if (failed(score ? expandScore(score) : expandMask(cast<tile::RegionMaskOp>(op))))
        return signalPassFailure();
    }
  }
};
} // namespace
