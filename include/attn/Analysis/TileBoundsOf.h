// The bounds of a region's operations over a cell of a tile: the part of TileBounds.h that knows operations.
#ifndef ATTN_ANALYSIS_TILEBOUNDSOF_H
#define ATTN_ANALYSIS_TILEBOUNDSOF_H

#include "attn/Analysis/TileBounds.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "llvm/ADT/TypeSwitch.h"

namespace attn::analysis {

template <typename Arithmetic>
typename TileBoundsOf<Arithmetic>::Chance TileBoundsOf<Arithmetic>::readChance(mlir::Value value) {
  using namespace mlir;
  if (std::optional<int64_t> constant = TileRegion::getConstant(value))
    return {a.truth(*constant != 0), a.truth(*constant == 0)};
  if (facts.isUniform(value)) {
    Truth truth = a.atMost(a.constant(1), a.symbol(value));
    return {truth, invert(truth)};
  }
  Operation *op = value.getDefiningOp();
  auto at = [&](unsigned operand) { return read(op->getOperand(operand)); };
  return llvm::TypeSwitch<Operation *, Chance>(op)
      .Case([&](arith::AndIOp) {
        Chance left = at(0), right = at(1);
        return Chance{a.both(left.may, right.may), a.either(left.mayNot, right.mayNot)};
      })
      .Case([&](arith::OrIOp) {
        Chance left = at(0), right = at(1);
        return Chance{a.either(left.may, right.may), a.both(left.mayNot, right.mayNot)};
      })
      .Case([&](arith::XOrIOp) {
        Chance left = at(0), right = at(1);
        return choose(left, {right.mayNot, right.may}, right);
      })
      .Case([&](arith::SelectOp) { return choose(at(0), at(1), at(2)); })
      .Case([&](arith::CmpIOp compare) { return readComparison(compare); })
      .Default([&](Operation *) { return unknown("the result of " + nameOf(op) + " has no bounds over a tile"); });
}

template <typename Arithmetic>
typename TileBoundsOf<Arithmetic>::Chance TileBoundsOf<Arithmetic>::readComparison(mlir::arith::CmpIOp op) {
  using P = mlir::arith::CmpIPredicate;
  P predicate = op.getPredicate();
  if (op.getLhs().getType().isInteger(1)) {
    if (predicate != P::eq && predicate != P::ne)
      return unknown("truth values are compared by size");
    Chance left = read(op.getLhs()), right = read(op.getRhs());
    Chance swapped{right.mayNot, right.may};
    return predicate == P::eq ? choose(left, right, swapped) : choose(left, swapped, right);
  }
  std::optional<Bounds> left = bound(op.getLhs()), right = bound(op.getRhs());
  if (!left || !right)
    return {a.truth(true), a.truth(true)};
  bool isUnsigned = predicate == P::ult || predicate == P::ule || predicate == P::ugt || predicate == P::uge;
  if (isUnsigned && !(left->nonNegative && right->nonNegative))
    return unknown("numbers that may be negative are compared as unsigned");
  Truth maySwap = a.atMost(left->low, right->high), maySwapBack = a.atMost(right->low, left->high);
  // Never greater, and never smaller.
  Truth below = a.atMost(left->high, right->low), above = a.atMost(right->high, left->low);
  Chance equal{a.both(maySwap, maySwapBack), invert(a.both(below, above))};
  if (left->width == 0 && right->width == 0) {
    equal.may = a.equal(left->low, right->low);
    equal.mayNot = invert(equal.may);
  }
  switch (predicate) {
  case P::eq:
    return equal;
  case P::ne:
    return {equal.mayNot, equal.may};
  case P::sle:
  case P::ule:
    return {maySwap, invert(below)};
  case P::sge:
  case P::uge:
    return {maySwapBack, invert(above)};
  case P::slt:
  case P::ult:
    return {invert(above), maySwapBack};
  case P::sgt:
  case P::ugt:
    return {invert(below), maySwap};
  }
  return unknown("");
}

/// Loaded numbers may be any where they are compared; those that are added to are within the limit, as what comes out is, though
/// an element beside them may be beyond it.
template <typename Arithmetic>
typename TileBoundsOf<Arithmetic>::Bounds TileBoundsOf<Arithmetic>::limit(Bounds value) {
  if (!value.loaded)
    return value;
  bool single = value.width == 0;
  value.low = a.max(a.min(value.low, a.constant(kLimit)), a.constant(-kLimit));
  value.high = single ? value.low : a.max(a.min(value.high, a.constant(kLimit)), a.constant(-kLimit));
  value.step = 1;
  return value;
}

template <typename Arithmetic>
typename TileBoundsOf<Arithmetic>::Bounds TileBoundsOf<Arithmetic>::sum(const Bounds &left, const Bounds &right) {
  Value low = a.add(left.low, right.low);
  int64_t width = std::min(left.width + right.width, kUnknown);
  return {low, width == 0 ? low : a.add(left.high, right.high), width, std::gcd(left.step, right.step),
          left.nonNegative && right.nonNegative, left.loaded || right.loaded};
}

template <typename Arithmetic>
typename TileBoundsOf<Arithmetic>::Bounds TileBoundsOf<Arithmetic>::difference(const Bounds &left, const Bounds &right) {
  Value low = a.sub(left.low, right.high);
  int64_t width = std::min(left.width + right.width, kUnknown);
  return {low, width == 0 ? low : a.sub(left.high, right.low), width,
          right.width == 0 ? std::gcd(left.step, right.step) : 1, false, left.loaded || right.loaded};
}

template <typename Arithmetic>
typename TileBoundsOf<Arithmetic>::Bounds TileBoundsOf<Arithmetic>::scale(const Bounds &value, int64_t by) {
  Value low = a.multiply(by < 0 ? value.high : value.low, by);
  Value high = value.width == 0 ? low : a.multiply(by < 0 ? value.low : value.high, by);
  int64_t size = std::abs(by), width = value.width > kUnknown / std::max<int64_t>(size, 1) ? kUnknown : value.width * size;
  return {low, high, width, by < 0 && value.width != 0 ? 1 : value.step * size, value.nonNegative && by >= 0, value.loaded};
}

template <typename Arithmetic>
typename TileBoundsOf<Arithmetic>::Bounds TileBoundsOf<Arithmetic>::quotient(const Bounds &value, int64_t by) {
  auto divide = [&](Value number) { return value.nonNegative ? a.divide(number, by) : a.floorDivide(number, by); };
  // From a multiple of the step up to the next lies no multiple of the divisor but the first.
  bool single = value.width == 0 || value.width < std::gcd(value.step, by);
  Value low = divide(value.low);
  int64_t width = single ? 0 : value.width == kUnknown ? kUnknown : value.width / by + 1;
  return {low, single ? low : divide(value.high), width, value.step % by == 0 ? value.step / by : 1, value.nonNegative,
          value.loaded};
}

template <typename Arithmetic>
typename TileBoundsOf<Arithmetic>::Bounds TileBoundsOf<Arithmetic>::remainder(const Bounds &value, int64_t by) {
  Bounds whole = quotient(value, by);
  Bounds result{a.constant(0), a.constant(by - 1), by - 1, by, true, false};
  if (whole.width == 0)
    result = difference(value, scale(whole, by));
  result.nonNegative = true;
  return result;
}

/// The element, or the extremes of a box of elements that is not too large.
template <typename Arithmetic>
std::optional<typename TileBoundsOf<Arithmetic>::Bounds> TileBoundsOf<Arithmetic>::readElement(mlir::Operation *op) {
  auto buffer = mlir::dyn_cast<mlir::BlockArgument>(op->getOperand(0));
  if (!buffer || !(op->getResult(0).getType().isInteger(32) || op->getResult(0).getType().isIndex()))
    return unbounded("elements of " + nameOf(op) + " are not integers");
  Box box;
  int64_t elements = 1;
  for (mlir::Value index : op->getOperands().drop_front()) {
    std::optional<Bounds> bounds = bound(index);
    if (!bounds)
      return std::nullopt;
    box.push_back({bounds->low, bounds->high});
    elements = std::min(elements * std::min(bounds->width + 1, kUnknown), kUnknown);
    if (elements > kMostElements)
      return unbounded("the places that " + nameOf(op) + " reads for a tile are more than " + std::to_string(kMostElements));
  }
  auto [least, most] = a.extremes(buffer, box, elements == 1);
  return Bounds{least, elements == 1 ? least : most, elements == 1 ? 0 : kUnknown, 1, false, true};
}

template <typename Arithmetic>
std::optional<typename TileBoundsOf<Arithmetic>::Bounds> TileBoundsOf<Arithmetic>::readBounds(mlir::Value value) {
  using namespace mlir;
  if (std::optional<int64_t> constant = TileRegion::getConstant(value)) {
    Bounds bounds = exact(a.constant(*constant), std::abs(*constant));
    bounds.nonNegative = *constant >= 0;
    return bounds;
  }
  Operation *op = value.getDefiningOp();
  if (facts.isUniform(value)) {
    Bounds bounds = exact(a.symbol(value));
    bounds.nonNegative = !op || isa<memref::DimOp, tensor::DimOp>(op);
    bounds.loaded = op && !bounds.nonNegative;
    return bounds;
  }
  if (isa<memref::LoadOp, tensor::ExtractOp>(op))
    return readElement(op);
  if (isa<arith::IndexCastOp, arith::IndexCastUIOp, arith::ExtSIOp, arith::ExtUIOp, arith::TruncIOp>(op)) {
    if (op->getOperand(0).getType().isInteger(1))
      return Bounds{a.constant(isa<arith::ExtSIOp>(op) ? -1 : 0), a.constant(isa<arith::ExtSIOp>(op) ? 0 : 1), 1, 1,
                    !isa<arith::ExtSIOp>(op), false};
    std::optional<Bounds> bounds = bound(op->getOperand(0));
    bool isUnsigned = isa<arith::IndexCastUIOp, arith::ExtUIOp>(op);
    return bounds && (!isUnsigned || bounds->nonNegative) ? bounds : unbounded("a number that may be negative is cast");
  }
  return readArithmetic(op);
}

template <typename Arithmetic>
std::optional<typename TileBoundsOf<Arithmetic>::Bounds>
TileBoundsOf<Arithmetic>::readDivision(mlir::Operation *op, const Bounds &left, int64_t by) {
  using namespace mlir;
  auto rounded = [&](int64_t up) { return quotient(sum(limit(left), exact(a.constant(up), up)), by); };
  using Result = std::optional<Bounds>;
  return llvm::TypeSwitch<Operation *, Result>(op)
      .Case([&](arith::FloorDivSIOp) { return quotient(left, by); })
      .Case([&](arith::CeilDivSIOp) { return rounded(by - 1); })
      .template Case<arith::CeilDivUIOp>([&](auto) { return left.nonNegative ? Result(rounded(by - 1)) : std::nullopt; })
      .template Case<arith::DivUIOp>([&](auto) { return left.nonNegative ? Result(quotient(left, by)) : std::nullopt; })
      .template Case<arith::RemUIOp>([&](auto) { return left.nonNegative ? Result(remainder(left, by)) : std::nullopt; })
      .template Case<arith::DivSIOp>([&](auto) -> Result {
        if (left.nonNegative)
          return quotient(left, by);
        Bounds down = quotient(left, by), up = rounded(by - 1); // towards zero is between the two
        return Bounds{down.low, up.high, std::min(down.width + 1, kUnknown), 1, false, left.loaded};
      })
      .template Case<arith::RemSIOp>([&](auto) -> Result {
        if (left.nonNegative)
          return remainder(left, by);
        return Bounds{a.constant(1 - by), a.constant(by - 1), 2 * by - 2, 1, false, false};
      })
      .Default([](Operation *) { return std::nullopt; });
}

template <typename Arithmetic>
std::optional<typename TileBoundsOf<Arithmetic>::Bounds> TileBoundsOf<Arithmetic>::readArithmetic(mlir::Operation *op) {
  using namespace mlir;
  auto fail = [&] { return unbounded("the result of " + nameOf(op) + " has no bounds over a tile"); };
  bool isSelect = isa<arith::SelectOp>(op);
  if (op->getNumOperands() != (isSelect ? 3u : 2u) || !op->getResult(0).getType().isSignlessIntOrIndex())
    return fail();
  std::optional<Bounds> left = bound(op->getOperand(isSelect)), right = bound(op->getOperand(isSelect + 1));
  if (!left || !right)
    return std::nullopt;
  std::optional<int64_t> by = TileRegion::getConstant(op->getOperand(1));
  bool loaded = left->loaded || right->loaded, nonNegative = left->nonNegative && right->nonNegative;
  int64_t widest = std::max(left->width, right->width);
  std::optional<Bounds> result;
  if (isSelect)
    return Bounds{a.min(left->low, right->low), a.max(left->high, right->high), kUnknown, 1, nonNegative, loaded};
  if (isa<arith::AddIOp, arith::SubIOp>(op) && left->loaded && right->loaded)
    return unbounded("the sum or difference of two loaded numbers may leave 32 bits");
  if (isa<arith::AddIOp>(op))
    return sum(limit(*left), limit(*right));
  if (isa<arith::SubIOp>(op))
    return difference(limit(*left), limit(*right));
  if (isa<arith::MinSIOp>(op) || (isa<arith::MinUIOp>(op) && nonNegative))
    return Bounds{a.min(left->low, right->low), a.min(left->high, right->high), widest, 1, nonNegative, loaded};
  if (isa<arith::MaxSIOp>(op) || (isa<arith::MaxUIOp>(op) && nonNegative))
    return Bounds{a.max(left->low, right->low), a.max(left->high, right->high), widest, 1,
                  left->nonNegative || right->nonNegative, loaded};
  if (by && std::abs(*by) < kLimit) {
    // Products of loaded numbers may leave 32 bits where no pair does.
    if (isa<arith::MulIOp>(op) && !left->loaded)
      result = scale(*left, *by);
    else if (isa<arith::ShRSIOp>(op) || (isa<arith::ShRUIOp>(op) && left->nonNegative))
      result = *by >= 0 && *by < 31 ? std::optional(quotient(*left, int64_t(1) << *by)) : std::nullopt;
    else if (isa<arith::AndIOp>(op) && *by >= 0)
      result = left->nonNegative && (*by & (*by + 1)) == 0
                   ? remainder(*left, *by + 1)
                   : Bounds{a.constant(0), a.constant(*by), *by, 1, true, false};
    else if (*by > 0)
      result = readDivision(op, *left, *by);
  }
  return result ? result : fail();
}

} // namespace attn::analysis

#endif // ATTN_ANALYSIS_TILEBOUNDSOF_H
