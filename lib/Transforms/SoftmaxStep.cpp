// Online-softmax steps (arXiv 1805.02867, algorithm 3). With a rescale threshold, sums are rescaled only in the rare step whose scores
// pass their row's reference by it. Where the accumulator has columns for sums, the product with the values makes them.
#include "SoftmaxStep.h"

#include "attn/Dialect/Tile/IR/Layouts.h"

#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

#include <cmath>

using namespace mlir;
using namespace mlir::attn;

Value mlir::attn::negateReference(TileBuilder &t, Value rowMax, float unit) {
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

void mlir::attn::expandStep(tile::SoftmaxStepOp op, int64_t threshold, Reference reference) {
  Step(op).expand(threshold, reference);
}
