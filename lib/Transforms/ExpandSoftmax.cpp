// tile-expand-softmax: writes masks and online-softmax steps as arithmetic on tiles (arXiv 1805.02867, algorithm 3). If the
// plan has a rescale threshold, sums are rescaled only in the rare step whose scores pass their row's reference by it. Where
// the arithmetic of the scores bounds them, weights are powers of the scores themselves, and no maximum is kept at all. Where the
// accumulator has columns for sums, the product with the values makes them.
#include "attn/Transforms/Passes.h"

#include "attn/Analysis/ScoreBound.h"
#include "attn/Analysis/TileConstant.h"
#include "attn/Dialect/Tile/IR/KernelAttributes.h"
#include "attn/Dialect/Tile/IR/Layouts.h"
#include "attn/Dialect/Tile/IR/Tile.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Remarks.h"
#include "llvm/Support/FormatVariadic.h"

#include <cmath>
#include <functional>
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
    auto tensor = cast<RankedTensorType>(type);
    return make<arith::ConstantOp>(SplatElementsAttr::get(tensor, Attribute(b.getFloatAttr(tensor.getElementType(), value))));
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

  /// The builder of a branch that this one fills.
  std::function<void(OpBuilder &, Location)> nested(std::function<void()> fill) {
    return [this, fill = std::move(fill)](OpBuilder &branch, Location) {
      OpBuilder::InsertionGuard guard(b);
      b.setInsertionPoint(branch.getInsertionBlock(), branch.getInsertionPoint());
      fill();
    };
  }

  OpBuilder b;
  Location loc;
};

constexpr float negativeInfinity = -std::numeric_limits<float>::infinity();
constexpr float ln2 = 0.693147180559945309f;
} // namespace

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

/// The negated reference in units of the exponent. A row without an allowed key so far has a maximum of -inf; 0 as its
/// reference makes its weights 0 and not NaN.
static Value negateReference(TileBuilder &t, Value rowMax, float unit) {
  auto type = cast<RankedTensorType>(rowMax.getType());
  Value isNone = t.make<arith::CmpFOp>(arith::CmpFPredicate::OEQ, rowMax, t.splat(type, negativeInfinity));
  Value reference = t.make<arith::SelectOp>(isNone, t.splat(type, 0.0f), rowMax);
  return t.make<arith::NegFOp>(t.make<arith::MulFOp>(reference, t.splat(type, unit)));
}

namespace {
/// What a step makes of its scores.
struct Weights {
  Value narrowed; ///< the weights, in the type of the values
  Value sums;     ///< their row sums, or the running ones with them; null where the product makes them
  Value rowMax;   ///< the reference that they are relative to
  Value factor;   ///< what sums and accumulator so far are worth in it; null for 1
  Value changed;  ///< whether any row's reference has changed; null for "yes"
};

/// What the weights of all rows are relative to.
enum class Reference { RowMaximum, Zero };

/// Expands one softmax step.
class Step {
public:
  explicit Step(tile::SoftmaxStepOp op)
      : op(op), t(op), rowType(cast<RankedTensorType>(op.getRowMax().getType())), unit(op.getScale().convertToFloat()),
        one(t.splat(rowType, 1.0f)), none(t.splat(rowType, negativeInfinity)),
        valueType(cast<RankedTensorType>(op.getValues().getType())),
        hasColumn(cast<RankedTensorType>(op.getAcc().getType()).getDimSize(1) != valueType.getDimSize(1)) {}

  void expand(int64_t threshold, Reference reference);

private:
  Value negate(Value rowMax) { return negateReference(t, rowMax, unit); }
  Value wholeScores();
  Value scaleOfOld(Value rowMax);
  Weights weigh(Value rowMax, Value factor, Value sumsBefore, Value factorOfSums);
  Weights weighAlone(Value rowMax, Value factor);
  Weights keepReference(int64_t threshold);
  int64_t headroom(int64_t threshold);
  Value ones();
  Value rescale(const Weights &weights);

  tile::SoftmaxStepOp op;
  TileBuilder t;
  RankedTensorType rowType;
  float unit; ///< powers of two in a unit of the scores
  Value one, none;
  RankedTensorType valueType;
  bool hasColumn; ///< of sums, in the accumulator
};
} // namespace

/// For what looks at the scores themselves.
Value Step::wholeScores() {
  return op.getShift() ? t.make<arith::AddFOp>(op.getScores(), op.getShift()) : op.getScores();
}

Value Step::scaleOfOld(Value rowMax) {
  return t.make<math::Exp2Op>(t.make<math::FmaOp>(op.getRowMax(), t.splat(rowType, unit), negate(rowMax)));
}

/// Weights relative to `rowMax`, and `sumsBefore * factorOfSums` with their row sums.
Weights Step::weigh(Value rowMax, Value factor, Value sumsBefore, Value factorOfSums) {
  Type scoreType = op.getScores().getType();
  Value scale = t.splat(scoreType, unit), reference = t.broadcast(negate(rowMax), scoreType);
  if (op.getShift())
    reference = t.make<math::FmaOp>(op.getShift(), scale, reference);
  Value exponent = t.make<math::FmaOp>(op.getScores(), scale, reference);
  Value weights = t.make<math::Exp2Op>(exponent);
  if (hasColumn)
    return {t.narrow(weights, valueType.getElementType()), Value(), rowMax, factor, Value()};
  Value sums = t.make<tile::RowAccumulateOp>(sumsBefore.getType(), sumsBefore, factorOfSums, weights);
  // Dropout comes behind the sum, so that the log-sum-exp does not see it.
  if (Value keep = op.getKeep())
    weights = t.make<arith::SelectOp>(keep, weights, t.splat(scoreType, 0.0f));
  return {t.narrow(weights, valueType.getElementType()), sums, rowMax, factor, Value()};
}

Weights Step::weighAlone(Value rowMax, Value factor) {
  return weigh(rowMax, factor, t.make<tile::EmptySumOp>(op.getRowSum().getType()), one);
}

/// Powers of two by which a reference is above the maximum that it is made from, where the weights' own bits tell which are too
/// large: they do from 2 on. Weights of f16 are not normal numbers below 2^-14; those of a maximum stay well above.
int64_t Step::headroom(int64_t threshold) {
  constexpr int64_t mostOfF16 = 4;
  if (!hasColumn)
    return 0;
  return valueType.getElementType().isF16() ? std::min(threshold - 1, mostOfF16) : threshold - 1;
}

/// The old reference, unless a score passes it by the threshold: a weight above 2^threshold shows in the sums, so the
/// scores need not be looked through for their maximum. In the rare block with such a row (or one that had no allowed key
/// so far) weights are computed again, relative to the maximum so far in these rows. No row depends on another.
Weights Step::keepReference(int64_t threshold) {
  Value old = op.getRowMax();
  Weights kept = weighAlone(old, one);
  Value fresh = t.make<arith::CmpFOp>(arith::CmpFPredicate::OEQ, old, none);
  FloatAttr limit = t.b.getF32FloatAttr(hasColumn ? std::nextafter(2.0f, 0.0f) : std::ldexp(1.0f, threshold));
  Value shown = hasColumn ? t.make<tile::RowCeilingOp>(op.getRowSum().getType(), kept.narrowed) : kept.sums;
  Value any = t.make<tile::AnyAboveOp>(t.b.getI1Type(), shown, limit, fresh);
  auto yield = [&](const Weights &weights) {
    SmallVector<Value> values = {weights.narrowed, weights.rowMax, weights.factor};
    if (!hasColumn)
      values.insert(values.begin() + 1, weights.sums);
    scf::YieldOp::create(t.b, t.loc, values);
  };
  auto branch = scf::IfOp::create(
      t.b, t.loc, any,
      t.nested([&] {
        Value full = t.make<tile::RowMaxOp>(rowType, wholeScores(), old);
        if (int64_t powers = headroom(threshold))
          full = t.make<arith::AddFOp>(full, t.splat(rowType, static_cast<float>(powers) / unit));
        Value above = t.make<tile::RowsAboveOp>(fresh.getType(), shown, limit, fresh);
        Value rowMax = t.make<arith::SelectOp>(above, full, old);
        yield(weighAlone(rowMax, t.make<arith::SelectOp>(above, scaleOfOld(rowMax), one)));
      }),
      t.nested([&] { yield(kept); }));
  ResultRange results = branch.getResults();
  return {results[0], hasColumn ? Value() : results[1], results.drop_back().back(), results.back(), any};
}

/// What stands beside the values where the accumulator has columns of sums.
Value Step::ones() {
  return hasColumn ? t.splat(valueType.clone({valueType.getDimSize(0), tile::kSumColumns}), 1.0f) : Value();
}

Value Step::rescale(const Weights &weights) {
  Value acc = op.getAcc();
  if (!weights.factor)
    return acc;
  // It stands between this branch and that of the weights, or canonicalisation would make one of both: an accumulator is there
  // only when the product before is over, and weights are wanted while it runs.
  Value factor = t.broadcast(weights.factor, acc.getType());
  auto multiply = [&] { return t.make<arith::MulFOp>(acc, factor); };
  if (!weights.changed)
    return multiply();
  auto yield = [&](Value value) { scf::YieldOp::create(t.b, t.loc, value); };
  return scf::IfOp::create(t.b, t.loc, weights.changed, t.nested([&] { yield(multiply()); }),
                           t.nested([&] { yield(acc); }))
      .getResult(0);
}

void Step::expand(int64_t threshold, Reference reference) {
  Weights weights;
  Value rowSum;
  if (reference == Reference::Zero) {
    weights = weigh(t.splat(rowType, 0.0f), /*factor=*/Value(), op.getRowSum(), one);
    rowSum = weights.sums;
  } else if (threshold) {
    weights = keepReference(threshold);
    if (!hasColumn)
      rowSum = t.make<tile::CombineSumsOp>(op.getRowSum().getType(), op.getRowSum(), weights.factor, weights.sums);
  } else {
    Value rowMax = t.make<tile::RowMaxOp>(rowType, wholeScores(), op.getRowMax());
    Value factor = scaleOfOld(rowMax);
    weights = weigh(rowMax, factor, op.getRowSum(), factor);
    rowSum = weights.sums;
  }
  if (hasColumn)
    rowSum = op.getRowSum();
  Value acc = t.make<tile::MmaOp>(op.getAcc().getType(), weights.narrowed, op.getValues(), rescale(weights), ones(),
                                  /*transpose_b=*/false);
  op.replaceAllUsesWith(ValueRange{acc, weights.rowMax, rowSum});
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
        Step(step).expand(threshold, reference);
      else if (auto merge = dyn_cast<tile::MergePartsOp>(op))
        expandMerge(merge, reference);
      else if (auto finish = dyn_cast<tile::SoftmaxFinishOp>(op))
        expandFinish(finish, reference);
    });
  }
};
} // namespace
