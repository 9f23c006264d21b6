// See SameValue.h.
#include "SameValue.h"

#include "attn/Dialect/Tile/IR/Tile.h"

#include "mlir/IR/OperationSupport.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

using namespace mlir;
using ::attn::analysis::ProgramLoop;

namespace {
class Comparison {
public:
  explicit Comparison(ArrayRef<ProgramLoop> loops) : loops(loops) {}

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
  const ProgramLoop *loopOf(BlockArgument argument) {
    const ProgramLoop *found = llvm::find_if(loops, [&](const ProgramLoop &loop) { return loop.body == argument.getOwner(); });
    return found == loops.end() ? nullptr : found;
  }

  bool sameArgument(BlockArgument a, BlockArgument b) {
    const ProgramLoop *loop = loopOf(a), *other = loopOf(b);
    if (!loop || !other)
      return false;
    if (a == loop->number || b == other->number)
      return a == loop->number && b == other->number;
    auto carriedBy = [](const ProgramLoop &in, BlockArgument argument) {
      return llvm::find_if(in.carried, [&](const ProgramLoop::Carried &each) { return each.argument == argument; });
    };
    const ProgramLoop::Carried *mine = carriedBy(*loop, a), *theirs = carriedBy(*other, b);
    return same(mine->init, theirs->init) && same(mine->next, theirs->next);
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

  ArrayRef<ProgramLoop> loops;
  llvm::DenseSet<std::pair<Value, Value>> assumed;
};
} // namespace

namespace attn::analysis {
bool computeSameValue(Value a, Value b, ArrayRef<ProgramLoop> loops) { return Comparison(loops).same(a, b); }
} // namespace attn::analysis
