// tile-expand-softmax: writes masks and online-softmax steps as arithmetic on tiles (arXiv 1805.02867, algorithm 3).
#include "attn/Transforms/Passes.h"

#include "attn/Dialect/Tile/IR/Tile.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

#include <limits>

namespace mlir::attn {
#define GEN_PASS_DEF_TILEEXPANDSOFTMAX
#include "attn/Transforms/Passes.h.inc"
} // namespace mlir::attn

using namespace mlir;
using namespace mlir::attn;

namespace {
/// Tile arithmetic in a few words; it stands before the operation being expanded.
class TileBuilder {
public:
  explicit TileBuilder(Operation *op) : b(op), loc(op->getLoc()) {}

  template <typename Op, typename... Args>
  Value make(Args &&...args) {
    return Op::create(b, loc, std::forward<Args>(args)...);
  }
  Value splat(Type type, float value) {
    return make<arith::ConstantOp>(DenseElementsAttr::get(cast<RankedTensorType>(type), value));
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

  OpBuilder b;
  Location loc;
};

constexpr float negativeInfinity = -std::numeric_limits<float>::infinity();
constexpr float ln2 = 0.693147180559945309f;
} // namespace

static void expandMask(tile::BandMaskOp op) {
  TileBuilder t(op);
  auto type = cast<RankedTensorType>(op.getType());
  auto indexType = RankedTensorType::get(type.getShape(), t.b.getI32Type());
  auto indices = [&](tile::IndexKind kind, Value base) { return t.make<tile::IndicesOp>(indexType, kind, base); };
  Value keys = indices(tile::IndexKind::Column, op.getKey());
  Value count = t.make<arith::IndexCastOp>(t.b.getI32Type(), op.getKeyCount());
  Value allowed = t.make<arith::CmpIOp>(arith::CmpIPredicate::slt, keys, t.make<tensor::SplatOp>(indexType, count));
  if (Value queries = op.getQueryCount()) {
    Value limit = t.make<tensor::SplatOp>(indexType, t.make<arith::IndexCastOp>(t.b.getI32Type(), queries));
    Value inside = t.make<arith::CmpIOp>(arith::CmpIPredicate::slt, indices(tile::IndexKind::Row, op.getQuery()), limit);
    allowed = t.make<arith::AndIOp>(allowed, inside);
  }
  Value diagonal = t.add(op.getQuery(), op.getDiagonal());
  auto require = [&](arith::CmpIPredicate predicate, int64_t offset) {
    Value bound = indices(tile::IndexKind::Row, t.add(diagonal, offset));
    Value holds = t.make<arith::CmpIOp>(predicate, keys, bound);
    allowed = t.make<arith::AndIOp>(allowed, holds);
  };
  if (std::optional<int64_t> lower = op.getLower())
    require(arith::CmpIPredicate::sge, *lower);
  if (std::optional<int64_t> upper = op.getUpper())
    require(arith::CmpIPredicate::sle, *upper);
  op.replaceAllUsesWith(t.make<arith::SelectOp>(allowed, op.getScores(), t.splat(type, negativeInfinity)));
  op.erase();
}

static void expandStep(tile::SoftmaxStepOp op) {
  TileBuilder t(op);
  Type rowType = op.getRowMax().getType(), scoreType = op.getScores().getType(), accType = op.getAcc().getType();
  Value scale = t.splat(rowType, op.getScale().convertToFloat());
  Value rowMax = t.make<tile::RowMaxOp>(rowType, op.getScores(), op.getRowMax());
  // A row without an allowed key so far has a maximum of -inf; 0 as its reference makes its weights 0 and not NaN.
  Value none = t.make<arith::CmpFOp>(arith::CmpFPredicate::OEQ, rowMax, t.splat(rowType, negativeInfinity));
  Value reference = t.make<arith::SelectOp>(none, t.splat(rowType, 0.0f), rowMax);
  Value scaledReference = t.make<arith::MulFOp>(reference, scale);
  Value negated = t.make<arith::NegFOp>(scaledReference);
  Value factor = t.make<math::Exp2Op>(t.make<math::FmaOp>(op.getRowMax(), scale, negated));
  Value exponent = t.make<math::FmaOp>(op.getScores(), t.splat(scoreType, op.getScale().convertToFloat()),
                                       t.broadcast(negated, scoreType));
  Value weights = t.make<math::Exp2Op>(exponent);
  Value rowSum = t.make<tile::RowAccumulateOp>(op.getRowSum().getType(), op.getRowSum(), factor, weights);
  Type elementType = cast<RankedTensorType>(op.getValues().getType()).getElementType();
  Value narrowed = t.narrow(weights, elementType);
  Value rescaled = t.make<arith::MulFOp>(op.getAcc(), t.broadcast(factor, accType));
  Value acc = t.make<tile::MmaOp>(accType, narrowed, op.getValues(), rescaled, /*transpose_b=*/false);
  op.replaceAllUsesWith(ValueRange{acc, rowMax, rowSum});
  op.erase();
}

static void expandFinish(tile::SoftmaxFinishOp op) {
  TileBuilder t(op);
  auto rowType = cast<RankedTensorType>(op.getRowMax().getType());
  Value sum = t.make<tile::RowTotalOp>(rowType, op.getRowSum());
  Value zero = t.splat(rowType, 0.0f);
  Value empty = t.make<arith::CmpFOp>(arith::CmpFPredicate::OEQ, sum, zero);
  Value inverse = t.make<arith::DivFOp>(t.splat(rowType, 1.0f), sum);
  inverse = t.make<arith::SelectOp>(empty, zero, inverse);
  Value normalised = t.make<arith::MulFOp>(op.getAcc(), t.broadcast(inverse, op.getAcc().getType()));
  Type elementType = cast<RankedTensorType>(op.getOutput().getType()).getElementType();
  op.getOutput().replaceAllUsesWith(t.narrow(normalised, elementType));
  if (!op.getLse().use_empty()) {
    Value scale = t.splat(rowType, op.getScale().convertToFloat());
    Value log = t.make<math::FmaOp>(op.getRowMax(), scale, t.make<math::Log2Op>(sum));
    Value lse = t.make<arith::MulFOp>(log, t.splat(rowType, ln2));
    op.getLse().replaceAllUsesWith(t.make<arith::SelectOp>(empty, t.splat(rowType, negativeInfinity), lse));
  }
  op.erase();
}

namespace {
struct ExpandSoftmax : attn::impl::TileExpandSoftmaxBase<ExpandSoftmax> {
  void runOnOperation() override {
    getOperation().walk([](Operation *op) {
      if (auto mask = dyn_cast<tile::BandMaskOp>(op))
        expandMask(mask);
      else if (auto step = dyn_cast<tile::SoftmaxStepOp>(op))
        expandStep(step);
      else if (auto finish = dyn_cast<tile::SoftmaxFinishOp>(op))
        expandFinish(finish);
    });
  }
};
} // namespace
