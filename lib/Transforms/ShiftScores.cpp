// tile-shift-scores: of a bias that is linear in the distance of query and key (ALiBi, arXiv 2108.12409), adds what the columns of
// a thread share to the reference of the softmax, once a row and not once an element.
#include "attn/Transforms/Passes.h"

#include "ScoreSources.h"
#include "UniformTile.h"

#include "attn/Dialect/Tile/IR/Tile.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/IRMapping.h"

namespace mlir::attn {
#define GEN_PASS_DEF_TILESHIFTSCORES
#include "attn/Transforms/Passes.h.inc"
} // namespace mlir::attn

using namespace mlir;
using namespace mlir::attn;

namespace {
/// Takes the near part of a distance out of the scores of one step.
class Shift {
public:
  explicit Shift(tile::SoftmaxStepOp step) : step(step) {}

  /// Whether the scores are a multiple of a distance, or of its absolute value, and something else.
  bool match();
  void apply();

private:
  Value distances(OpBuilder &b, tile::DistancePart part) {
    return tile::DistancesOp::create(b, loc(), sum.getType(), part, whole.getBase(), whole.getPacked());
  }
  Location loc() { return sum.getLoc(); }
  std::pair<Value, Value> onOneSide(OpBuilder &b);

  tile::SoftmaxStepOp step;
  math::FmaOp sum;
  Value factor; ///< of the distances, the same for the whole tile
  tile::DistancesOp whole;
  bool absolute = false, negative = false;
};
} // namespace

bool Shift::match() {
  ScoreSources scores;
  scores.collect(step.getScores());
  if (step.getShift() || scores.sources().size() != 1 || !scores.areOnlyMasked())
    return false;
  sum = scores.sources().front().getDefiningOp<math::FmaOp>();
  if (!sum || sum->getBlock() != step->getBlock())
    return false;
  bool before = isUniform(sum.getA());
  factor = before ? sum.getA() : sum.getB();
  Value distance = before ? sum.getB() : sum.getA();
  if (auto magnitude = distance.getDefiningOp<math::AbsFOp>())
    absolute = true, distance = magnitude.getOperand();
  else if (auto negated = distance.getDefiningOp<arith::NegFOp>())
    negative = true, distance = negated.getOperand();
  whole = distance.getDefiningOp<tile::DistancesOp>();
  return whole && whole.getPart() == tile::DistancePart::Whole && isUniform(factor);
}

/// Whether a block lies on one side of the diagonal, and the factor of its distances: that of the absolute ones with their
/// sign, 0 where the diagonal crosses the block.
std::pair<Value, Value> Shift::onOneSide(OpBuilder &b) {
  ArrayRef<int64_t> shape = cast<RankedTensorType>(sum.getType()).getShape();
  auto index = [&](int64_t number) { return arith::ConstantIndexOp::create(b, loc(), number); };
  Value base = whole.getBase();
  Value behind = arith::CmpIOp::create(b, loc(), arith::CmpIPredicate::sge, base, index(shape[1] - 1));
  Value ahead = arith::CmpIOp::create(b, loc(), arith::CmpIPredicate::sle, base, index(1 - whole.getRowsOfHead()));
  auto choose = [&](Value condition, Value yes, Value no) -> Value {
    auto type = RankedTensorType::get(shape, b.getI1Type());
    return arith::SelectOp::create(b, loc(), tensor::SplatOp::create(b, loc(), condition, type), yes, no);
  };
  Value none = arith::ConstantOp::create(b, loc(), b.getZeroAttr(sum.getType()));
  Value withSign = choose(behind, factor, choose(ahead, arith::NegFOp::create(b, loc(), factor), none));
  return {arith::OrIOp::create(b, loc(), behind, ahead), withSign};
}

void Shift::apply() {
  OpBuilder b(sum);
  Value condition;
  if (absolute)
    std::tie(condition, factor) = onOneSide(b);
  else if (negative)
    factor = arith::NegFOp::create(b, loc(), factor);
  auto addFar = [&](OpBuilder &at) -> Value {
    return math::FmaOp::create(at, loc(), factor, distances(at, tile::DistancePart::Far), sum.getC());
  };
  auto addAll = [&](OpBuilder &at) { // made where it is used: other blocks need no distances
    IRMapping mapping;
    at.clone(*whole, mapping);
    for (Value operand : {sum.getA(), sum.getB()})
      if (auto magnitude = operand.getDefiningOp<math::AbsFOp>())
        at.clone(*magnitude, mapping);
    return at.clone(*sum, mapping)->getResult(0);
  };
  Value scores;
  if (absolute)
    scores = scf::IfOp::create(
                 b, loc(), condition, [&](OpBuilder &at, Location) { scf::YieldOp::create(at, loc(), addFar(at)); },
                 [&](OpBuilder &at, Location) { scf::YieldOp::create(at, loc(), addAll(at)); })
                 .getResult(0);
  else
    scores = addFar(b);
  Value shift = arith::MulFOp::create(b, loc(), factor, distances(b, tile::DistancePart::Near));
  sum.replaceAllUsesWith(scores);
  step.getShiftMutable().assign(shift);
  sum.erase();
}

namespace {
struct ShiftScores : attn::impl::TileShiftScoresBase<ShiftScores> {
  void runOnOperation() override {
    getOperation().walk([](tile::SoftmaxStepOp step) {
      if (Shift shift(step); shift.match())
        shift.apply();
    });
  }
};
} // namespace
