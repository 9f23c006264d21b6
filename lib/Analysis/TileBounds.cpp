// What TileBounds.h needs to know of a region before any tile is looked at.
#include "attn/Analysis/TileBounds.h"

#include "mlir/IR/Matchers.h"

using namespace attn::analysis;
using namespace mlir;

/// More cells along an axis are not worth their evaluation.
static constexpr int64_t kMostCells = 4;

TileRegion::TileRegion(Block &region, int64_t rows, int64_t columns) : region(region), rows(rows), columns(columns) {
  cellRows = chooseCells(2, rows);
  cellColumns = chooseCells(3, columns);
}

std::optional<int64_t> TileRegion::getConstant(Value value) {
  APInt result;
  if (!matchPattern(value, m_ConstantInt(&result)) || result.getSignificantBits() > 40)
    return std::nullopt;
  return value.getType().isInteger(1) ? result.getZExtValue() : result.getSExtValue();
}

static bool isDivision(Operation *op) {
  return isa<arith::DivSIOp, arith::DivUIOp, arith::RemSIOp, arith::RemUIOp, arith::FloorDivSIOp, arith::CeilDivSIOp,
             arith::CeilDivUIOp>(op);
}

/// Whether computing it beside a tile could fault: a region may divide by 0, and what it yields then is unspecified.
static bool mayTrap(Operation *op) {
  std::optional<int64_t> divisor = isDivision(op) ? TileRegion::getConstant(op->getOperand(1)) : 1;
  return !divisor || *divisor <= 0;
}

bool TileRegion::isUniform(Value value) {
  if (auto argument = dyn_cast<BlockArgument>(value))
    return argument.getOwner() != &region || (argument.getArgNumber() != 2 && argument.getArgNumber() != 3);
  auto [it, isNew] = uniform.try_emplace(value, false);
  if (!isNew)
    return it->second;
  Operation *op = value.getDefiningOp();
  bool result = op->getBlock() != &region || (op->getNumRegions() == 0 && !mayTrap(op) &&
                                              llvm::all_of(op->getOperands(), [&](Value operand) { return isUniform(operand); }));
  return uniform[value] = result;
}

bool TileRegion::dependsOn(Value value, unsigned argument) {
  if (auto found = dyn_cast<BlockArgument>(value))
    return found == region.getArgument(argument);
  Operation *op = value.getDefiningOp();
  return op->getBlock() == &region &&
         llvm::any_of(op->getOperands(), [&](Value operand) { return dependsOn(operand, argument); });
}

/// Where an element is read at floor(x / n), x running over the extent, a cell is as long as x keeps to one such place.
int64_t TileRegion::chooseCells(unsigned argument, int64_t extent) {
  int64_t cell = extent;
  std::function<void(Value)> visit = [&](Value index) {
    Operation *op = index.getDefiningOp();
    if (!op || op->getBlock() != &region)
      return;
    std::optional<int64_t> divisor = isDivision(op) ? TileRegion::getConstant(op->getOperand(1)) : std::nullopt;
    if (auto shift = dyn_cast<arith::ShRUIOp>(op))
      if (std::optional<int64_t> bits = TileRegion::getConstant(shift.getRhs()); bits && *bits >= 0 && *bits < 31)
        divisor = int64_t(1) << *bits;
    if (divisor && *divisor > 1 && dependsOn(op->getOperand(0), argument))
      cell = std::gcd(cell, *divisor);
    for (Value operand : op->getOperands())
      visit(operand);
  };
  for (Operation &op : region)
    if (isa<memref::LoadOp, tensor::ExtractOp>(op))
      for (Value index : op.getOperands().drop_front())
        visit(index);
  while (extent / cell > kMostCells)
    cell = extent % (2 * cell) == 0 ? 2 * cell : extent;
  return cell;
}
