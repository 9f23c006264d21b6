// tile-expand-softmax: writes masks, online-softmax steps (SoftmaxStep.cpp), merges and ends as arithmetic on tiles. Where the arithmetic
// of the scores bounds them, weights are powers of the scores themselves, and no maximum is kept at all.
#include "attn/Transforms/Passes.h"

#include "SoftmaxStep.h"

#include "attn/Analysis/ScoreBound.h"
#include "attn/Analysis/TileConstant.h"
#include "attn/Dialect/Tile/IR/KernelAttributes.h"
#include "attn/Dialect/Tile/IR/Tile.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Remarks.h"
#include "llvm/Support/FormatVariadic.h"

#include <cmath>

namespace mlir::attn {
#define GEN_PASS_DEF_TILEEXPANDSOFTMAX
#include "attn/Transforms/Passes.h.inc"
} // namespace mlir::attn

using namespace mlir;
using namespace mlir::attn;

constexpr static float ln2 = 0.693147180559945309f;

/// Where an operation only chooses between scores and minus infinity: what it chooses by, and the scores.
static std::pair<Value, Value> splitChoice(Value scores) {
  auto choice = scores.getDefiningOp<arith::SelectOp>();
  bool isMask = choice && choice->hasOneUse() && ::attn::analysis::constantOfTile(choice.getFalseValue()) == negativeInfinity;
  return isMask ? std::pair(choice.getCondition(), choice.getTrueValue()) : std::pair(Value(), scores);
}

/// One choice an element, with that of a mask region before it, and one comparison a side: the last key of a row and the last
/// key of all are one bound, the same for all columns.
static void expandMask(tile::BandMaskOp op) {
  TileBuilder t(op);
  auto type = cast<RankedTensorType>(op.getType());
  auto indexType = RankedTensorType::get(type.getShape(), t.b.getI32Type());
  auto rows = [&](Value base) { return t.make<tile::IndicesOp>(indexType, tile::IndexKind::Row, base, op.getPacked()); };
  Value keys = t.make<tile::IndicesOp>(indexType, tile::IndexKind::Column, op.getKey());
  Value diagonal = t.add(op.getQuery(), op.getDiagonal());
  auto rowBound = [&](int64_t offset) { return rows(t.add(diagonal, offset)); };
  auto [chosenBy, scores] = splitChoice(op.getScores());
  Value lastOfAll = t.make<arith::IndexCastOp>(t.b.getI32Type(), t.add(op.getKeyCount(), -1));
  Value last = t.make<tensor::SplatOp>(indexType, lastOfAll);
  if (std::optional<int64_t> upper = op.getUpper())
    last = t.make<arith::MinSIOp>(rowBound(*upper), last);
  Value allowed = t.make<arith::CmpIOp>(arith::CmpIPredicate::sle, keys, last);
  if (chosenBy)
    allowed = t.make<arith::AndIOp>(chosenBy, allowed);
  if (Value queries = op.getQueryCount()) {
    Value limit = t.make<tensor::SplatOp>(indexType, t.make<arith::IndexCastOp>(t.b.getI32Type(), queries));
    Value inside = t.make<arith::CmpIOp>(arith::CmpIPredicate::slt, rows(op.getQuery()), limit);
    allowed = t.make<arith::AndIOp>(allowed, inside);
  }
  if (std::optional<int64_t> lower = op.getLower())
    allowed = t.make<arith::AndIOp>(allowed, t.make<arith::CmpIOp>(arith::CmpIPredicate::sge, keys, rowBound(*lower)));
  op.replaceAllUsesWith(t.make<arith::SelectOp>(allowed, scores, t.splat(type, negativeInfinity)));
  op.erase();
}

/// A softmax state: accumulator, reference and sums.
using State = std::array<Value, 3>;

/// The state over two disjoint sets of keys: both sums and accumulators in the larger one of the references.
static State mergeStates(TileBuilder &t, const State &left, const State &right, float unit, Reference reference) {
  auto [leftAcc, leftMax, leftSum] = left;
  auto [rightAcc, rightMax, rightSum] = right;
  auto rowType = cast<RankedTensorType>(leftMax.getType());
  Type accType = leftAcc.getType(), sumType = leftSum.getType();
  if (reference == Reference::Zero)
    return {t.make<arith::AddFOp>(leftAcc, rightAcc), leftMax,
            t.make<tile::CombineSumsOp>(sumType, leftSum, t.splat(rowType, 1.0f), rightSum)};
  Value rowMax = t.make<arith::MaxNumFOp>(leftMax, rightMax), negated = negateReference(t, rowMax, unit);
  auto worthOf = [&](Value old) { return t.make<math::Exp2Op>(t.make<math::FmaOp>(old, t.splat(rowType, unit), negated)); };
  Value leftWorth = worthOf(leftMax), rightWorth = worthOf(rightMax);
  Value acc = t.make<arith::MulFOp>(leftAcc, t.broadcast(leftWorth, accType));
  acc = t.make<math::FmaOp>(rightAcc, t.broadcast(rightWorth, accType), acc);
  Value sum = t.make<tile::CombineSumsOp>(sumType, rightSum, rightWorth, t.make<tile::EmptySumOp>(sumType));
  return {acc, rowMax, t.make<tile::CombineSumsOp>(sumType, leftSum, leftWorth, sum)};
}

/// The first block takes in the states of the others, one after another; they wait until it has.
static void expandMerge(tile::MergePartsOp op, Reference reference) {
  TileBuilder t(op);
  Value one = arith::ConstantIndexOp::create(t.b, t.loc, 1), zero = arith::ConstantIndexOp::create(t.b, t.loc, 0);
  State own = {op.getAcc(), op.getRowMax(), op.getRowSum()};
  float unit = op.getScale().convertToFloat();
  auto takeIn = [&](OpBuilder &body, Location loc, Value number, ValueRange state) {
    t.nested([&] {
      auto peer = tile::PeerOp::create(t.b, t.loc, op.getAcc().getType(), op.getRowMax().getType(), op.getRowSum().getType(), number);
      State merged = mergeStates(t, {state[0], state[1], state[2]}, {peer.getAcc(), peer.getRowMax(), peer.getRowSum()}, unit, reference);
      scf::YieldOp::create(t.b, t.loc, merged);
    })(body, loc);
  };
  Value isShared = t.make<arith::CmpIOp>(arith::CmpIPredicate::sgt, op.getCount(), one);
  auto branch = scf::IfOp::create(
      t.b, t.loc, isShared,
      t.nested([&] {
        tile::PublishOp::create(t.b, t.loc, own[0], own[1], own[2]);
        Value isFirst = t.make<arith::CmpIOp>(arith::CmpIPredicate::eq, op.getNumber(), zero);
        Value end = t.make<arith::SelectOp>(isFirst, op.getCount(), one);
        auto loop = scf::ForOp::create(t.b, t.loc, one, end, one, own, takeIn);
        tile::WithdrawOp::create(t.b, t.loc);
        scf::YieldOp::create(t.b, t.loc, loop.getResults());
      }),
      t.nested([&] { scf::YieldOp::create(t.b, t.loc, own); }));
  op.replaceAllUsesWith(branch.getResults());
  op.erase();
}

/// A row's maximum in units of log2, its sum of weights, and what its accumulator is to be multiplied with before the
/// division by the sum.
struct RowState {
  Value maximum, sum, factor;
};

/// Takes a sink into the sum of a row, as a step with one more score would.
static RowState addSink(TileBuilder &t, tile::SoftmaxFinishOp op, Value sum, Value factor) {
  auto type = cast<RankedTensorType>(sum.getType());
  Value own = t.make<arith::MulFOp>(op.getSink(), t.splat(type, 1.44269504f));
  Value maximum = t.make<arith::MulFOp>(op.getRowMax(), t.splat(type, op.getScale().convertToFloat()));
  Value larger = t.make<arith::MaxNumFOp>(maximum, own);
  Value none = t.make<arith::CmpFOp>(arith::CmpFPredicate::OEQ, larger, t.splat(type, negativeInfinity));
  larger = t.make<arith::SelectOp>(none, t.splat(type, 0.0f), larger);
  Value shrunk = t.make<math::Exp2Op>(t.make<arith::SubFOp>(maximum, larger));
  Value weight = t.make<math::Exp2Op>(t.make<arith::SubFOp>(own, larger));
  return {larger, t.make<math::FmaOp>(sum, shrunk, weight), t.make<arith::MulFOp>(factor, shrunk)};
}

static void expandFinish(tile::SoftmaxFinishOp op, Reference reference) {
  TileBuilder t(op);
  auto rowType = cast<RankedTensorType>(op.getRowMax().getType());
  Value acc = op.getAcc(), sum;
  if (auto outputType = cast<RankedTensorType>(op.getOutput().getType()).clone(t.b.getF32Type()); acc.getType() != outputType) {
    auto detached = tile::DetachSumsOp::create(t.b, t.loc, outputType, rowType, acc);
    acc = detached.getLeading(), sum = detached.getSums();
  } else {
    sum = t.make<tile::RowTotalOp>(rowType, op.getRowSum());
  }
  Value zero = t.splat(rowType, 0.0f);
  auto isEmpty = [&] { return t.make<arith::CmpFOp>(arith::CmpFPredicate::OEQ, sum, zero); };
  Value empty = isEmpty();
  if (reference == Reference::Zero)
    op.getRowMaxMutable().assign(t.make<arith::SelectOp>(empty, t.splat(rowType, negativeInfinity), zero));
  Value factor = t.splat(rowType, op.getWeight() ? op.getWeight()->convertToFloat() : 1.0f), maximum;
  if (op.getSink()) {
    RowState state = addSink(t, op, sum, factor);
    maximum = state.maximum, sum = state.sum, factor = state.factor;
    empty = isEmpty();
  }
  Value inverse = t.make<arith::DivFOp>(factor, sum);
  inverse = t.make<arith::SelectOp>(empty, zero, inverse);
  Value normalised = t.make<arith::MulFOp>(acc, t.broadcast(inverse, acc.getType()));
  Type elementType = cast<RankedTensorType>(op.getOutput().getType()).getElementType();
  op.getOutput().replaceAllUsesWith(t.narrow(normalised, elementType));
  if (!op.getLse().use_empty()) {
    Value scale = t.splat(rowType, op.getScale().convertToFloat());
    Value log = t.make<math::Log2Op>(sum);
    log = maximum ? t.make<arith::AddFOp>(maximum, log) : t.make<math::FmaOp>(op.getRowMax(), scale, log);
    Value lse = t.make<arith::MulFOp>(log, t.splat(rowType, ln2));
    op.getLse().replaceAllUsesWith(t.make<arith::SelectOp>(empty, t.splat(rowType, negativeInfinity), lse));
  }
  op.erase();
}

/// How many powers of two a weight may be from 1, so that sums over any number of keys, and their products with values of
/// any ordinary size, stay clear of the ends of the type's range.
static double largestExponent(Type elementType) { return elementType.isF16() ? 8 : 80; }

/// Whether the weights of all steps may be powers of the scores themselves.
static Reference chooseReference(func::FuncOp kernel) {
  double exponent = 0;
  auto bounded = [&](tile::SoftmaxStepOp step) {
    std::optional<double> bound = step.getShift() ? std::nullopt : ::attn::analysis::boundOfScores(step.getScores());
    double own = bound ? *bound * std::fabs(step.getScale().convertToFloat()) : HUGE_VAL;
    exponent = std::max(exponent, own);
    return own <= largestExponent(cast<RankedTensorType>(step.getValues().getType()).getElementType());
  };
  SmallVector<tile::SoftmaxStepOp> steps;
  kernel.walk([&](tile::SoftmaxStepOp step) { steps.push_back(step); });
  if (steps.empty() || !llvm::all_of(steps, bounded))
    return Reference::RowMaximum;
  remark::passed(steps.front().getLoc(), remark::RemarkOpts::name("bounded").category("tile-expand-softmax"))
      << llvm::formatv("scores are at most {0:f1} powers of two from 0, so no maximum is kept", exponent).str();
  return Reference::Zero;
}

namespace {
struct ExpandSoftmax : mlir::attn::impl::TileExpandSoftmaxBase<ExpandSoftmax> {
  void runOnOperation() override {
    auto plan = getOperation()->getAttrOfType<tile::PlanAttr>(tile::kPlanAttr);
    int64_t threshold = plan ? plan.getRescaleThreshold() : 0;
    Reference reference = chooseReference(getOperation());
    getOperation().walk([&](Operation *op) {
      if (auto mask = dyn_cast<tile::BandMaskOp>(op))
        expandMask(mask);
      else if (auto step = dyn_cast<tile::SoftmaxStepOp>(op))
        expandStep(step, threshold, reference);
      else if (auto merge = dyn_cast<tile::MergePartsOp>(op))
        expandMerge(merge, reference);
      else if (auto finish = dyn_cast<tile::SoftmaxFinishOp>(op))
        expandFinish(finish, reference);
    });
  }
};
} // namespace
