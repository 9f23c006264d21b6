#include "attn/Analysis/ScoreBound.h"

#include "attn/Analysis/TileConstant.h"
#include "attn/Dialect/Tile/IR/Tile.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "llvm/ADT/TypeSwitch.h"

#include <algorithm>
#include <cmath>
#include <limits>

using namespace mlir;

namespace {
constexpr double infinity = std::numeric_limits<double>::infinity();

/// All values from `low` to `high`. What is not understood may be any number.
struct Interval {
  double low = -infinity, high = infinity;

  Interval join(Interval other) const { return {std::min(low, other.low), std::max(high, other.high)}; }
};
} // namespace

/// The range of a function that is largest and smallest where its operands are at their ends.
template <typename Function> static Interval fromEnds(Interval a, Interval b, Function function) {
  Interval result{infinity, -infinity};
  for (double x : {a.low, a.high})
    for (double y : {b.low, b.high}) {
      double value = function(x, y);
      if (std::isnan(value))
        return {};
      result = result.join({value, value});
    }
  return result;
}

template <typename Function> static Interval rising(Interval a, Function function) { return {function(a.low), function(a.high)}; }

static Interval times(Interval a, Interval b) { return fromEnds(a, b, std::multiplies<double>()); }
static Interval plus(Interval a, Interval b) { return fromEnds(a, b, std::plus<double>()); }

namespace {
class Intervals {
public:
  Interval of(Value value);
  /// The range of what a mask leaves; none where it leaves nothing.
  std::optional<Interval> ofAllowed(Value scores);

private:
  Interval compute(Value value);
  llvm::DenseMap<Value, Interval> known;
};
} // namespace

Interval Intervals::of(Value value) {
  auto [found, isNew] = known.try_emplace(value);
  if (!isNew)
    return found->second;
  Interval result = compute(value);
  return known[value] = result;
}

Interval Intervals::compute(Value value) {
  if (std::optional<float> constant = ::attn::analysis::constantOfTile(value))
    return {*constant, *constant};
  Operation *op = value.getDefiningOp();
  if (!op)
    return {};
  auto operand = [&](unsigned i) { return of(op->getOperand(i)); };
  return llvm::TypeSwitch<Operation *, Interval>(op)
      .Case<arith::AddFOp>([&](auto) { return plus(operand(0), operand(1)); })
      .Case<arith::SubFOp>([&](auto) { return fromEnds(operand(0), operand(1), std::minus<double>()); })
      .Case<arith::MulFOp>([&](auto) { return times(operand(0), operand(1)); })
      .Case<math::FmaOp>([&](auto) { return plus(times(operand(0), operand(1)), operand(2)); })
      .Case<arith::DivFOp>([&](auto) {
        Interval divisor = operand(1);
        return divisor.low > 0 || divisor.high < 0 ? fromEnds(operand(0), divisor, std::divides<double>()) : Interval();
      })
      .Case<arith::NegFOp>([&](auto) { return times(operand(0), {-1, -1}); })
      .Case<arith::MaximumFOp, arith::MaxNumFOp>(
          [&](auto) { return fromEnds(operand(0), operand(1), [](double x, double y) { return std::max(x, y); }); })
      .Case<arith::MinimumFOp, arith::MinNumFOp>(
          [&](auto) { return fromEnds(operand(0), operand(1), [](double x, double y) { return std::min(x, y); }); })
      .Case<arith::SelectOp>([&](auto) { return operand(1).join(operand(2)); })
      .Case<math::TanhOp>([&](auto) { return rising(operand(0), [](double x) { return std::tanh(x); }); })
      .Case<math::ExpOp>([&](auto) { return rising(operand(0), [](double x) { return std::exp(x); }); })
      .Case<math::Exp2Op>([&](auto) { return rising(operand(0), [](double x) { return std::exp2(x); }); })
      .Default(Interval());
}

std::optional<Interval> Intervals::ofAllowed(Value scores) {
  auto join = [](std::optional<Interval> a, std::optional<Interval> b) { return a && b ? a->join(*b) : a ? a : b; };
  if (::attn::analysis::constantOfTile(scores) == -infinity)
    return std::nullopt;
  if (auto band = scores.getDefiningOp<tile::BandMaskOp>())
    return ofAllowed(band.getScores());
  if (auto choice = scores.getDefiningOp<arith::SelectOp>())
    return join(ofAllowed(choice.getTrueValue()), ofAllowed(choice.getFalseValue()));
  if (auto branch = scores.getDefiningOp<scf::IfOp>()) {
    unsigned number = cast<OpResult>(scores).getResultNumber();
    return join(ofAllowed(branch.thenYield().getOperand(number)), ofAllowed(branch.elseYield().getOperand(number)));
  }
  return of(scores);
}

std::optional<double> attn::analysis::boundOfScores(Value scores) {
  std::optional<Interval> range = Intervals().ofAllowed(scores);
  if (!range)
    return 0;
  double bound = std::max(std::fabs(range->low), std::fabs(range->high));
  return std::isfinite(bound) ? std::optional(bound) : std::nullopt;
}
