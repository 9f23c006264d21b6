// See SameValue.h.
#include "SameValue.h"

#include "attn/Dialect/Tile/IR/Tile.h"

#include "mlir/IR/OperationSupport.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

using namespace mlir;

namespace {
class Comparison {
public:
  explicit Comparison(ArrayRef<scf::ForOp> loops) : loops(loops) {}

  bool same(Value a, Value b) {
    // What is being compared may be taken as equal: a difference anywhere ends the whole comparison. So values carried
    // around loops are equal by induction on the iterations.
    if (a == b || !assumed.insert({a, b}).second)
      return true;
    auto argument = dyn_cast<BlockArgument>(a), other = dyn_cast<BlockArgument>(b);
    if (argument && other)
      return sameArgument(argument, other);
    return !argument && !other && sameResult(cast<OpResult>(a), cast<OpResult>(b));
  }

private:
  scf::ForOp loopOf(BlockArgument argument) {
    auto loop = dyn_cast<scf::ForOp>(argument.getOwner()->getParentOp());
    return llvm::is_contained(loops, loop) ? loop : scf::ForOp();
  }

  bool sameArgument(BlockArgument a, BlockArgument b) {
    scf::ForOp loop = loopOf(a), other = loopOf(b);
    if (!loop || !other)
      return false;
    bool counts = a == loop.getInductionVar(), otherCounts = b == other.getInductionVar();
    if (counts || otherCounts)
      return counts && otherCounts;
    unsigned i = a.getArgNumber() - 1, j = b.getArgNumber() - 1;
    return same(loop.getInitArgs()[i], other.getInitArgs()[j]) &&
           same(loop.getYieldedValues()[i], other.getYieldedValues()[j]);
  }

  bool sameResult(OpResult a, OpResult b) {
    Operation *op = a.getOwner(), *other = b.getOwner();
    // Of operations with regions, tables of key blocks are known to be functions of their operands.
    bool known = op->getNumRegions() == 0 || isa<tile::TabulateOp>(op);
    return a.getResultNumber() == b.getResultNumber() && known && isMemoryEffectFree(op) &&
           OperationEquivalence::isEquivalentTo(
               op, other, [&](Value left, Value right) { return success(same(left, right)); },
               [&](Value left, Value right) { assumed.insert({left, right}); }, OperationEquivalence::IgnoreLocations);
  }

  ArrayRef<scf::ForOp> loops;
  llvm::DenseSet<std::pair<Value, Value>> assumed;
};
} // namespace

namespace attn::analysis {
bool computeSameValue(Value a, Value b, ArrayRef<scf::ForOp> loops) { return Comparison(loops).same(a, b); }
} // namespace attn::analysis
