// Searches of sorted buffers, by all lanes of a warp together (attn/Analysis/WarpSearch.h), and of several buffers or values at
// once: what a search takes is the way to memory and back, once a step.
#include "KernelEmitter.h"

#include "attn/Analysis/WarpSearch.h"

#include "mlir/Interfaces/SideEffectInterfaces.h"

using namespace mlir;
using namespace mlir::tile;

namespace {
/// The arithmetic of WarpSearch as operations.
struct SearchOperations {
  using Value = mlir::Value;
  OpBuilder &b;
  Location loc;

  Value constant(int64_t value) { return arith::ConstantIntOp::create(b, loc, b.getI32Type(), value); }
  Value add(Value left, Value right) { return arith::AddIOp::create(b, loc, left, right); }
  Value add(Value left, int64_t right) { return add(left, constant(right)); }
  Value sub(Value left, Value right) { return arith::SubIOp::create(b, loc, left, right); }
  Value mul(Value left, Value right) { return arith::MulIOp::create(b, loc, left, right); }
  Value shiftRight(Value value, int64_t by) { return arith::ShRSIOp::create(b, loc, value, constant(by)); }
  Value min(Value left, Value right) { return arith::MinSIOp::create(b, loc, left, right); }
};
} // namespace

/// Collects, in order, what an operation needs that stands behind `first` in its block. Returns false where that is the result
/// of a search, or of what cannot be moved.
static bool collectNeeds(Operation *op, Operation *first, llvm::SetVector<Operation *> &needs) {
  for (Value operand : op->getOperands()) {
    Operation *need = operand.getDefiningOp();
    if (!need || need->getBlock() != first->getBlock() || need->isBeforeInBlock(first) || needs.contains(need))
      continue;
    if (isa<SearchOp>(need) || need->getNumRegions() != 0 || !isMemoryEffectFree(need) || !collectNeeds(need, first, needs))
      return false;
    needs.insert(need);
  }
  return true;
}

/// Searches of one block that need no other's result are made where the first of them stands.
void KernelEmitter::joinSearches() {
  SmallVector<SearchOp> searches;
  source.walk([&](SearchOp op) { searches.push_back(op); });
  llvm::DenseSet<Operation *> joined;
  for (auto [i, first] : llvm::enumerate(searches)) {
    if (joined.contains(first))
      continue;
    SmallVector<SearchOp> &group = searchGroups[first];
    group.push_back(first);
    for (SearchOp other : ArrayRef(searches).drop_front(i + 1)) {
      llvm::SetVector<Operation *> needs;
      if (other->getBlock() != first->getBlock() || joined.contains(other) || !collectNeeds(other, first, needs))
        continue;
      for (Operation *need : needs)
        need->moveBefore(first);
      other->moveAfter(group.back());
      group.push_back(other);
      joined.insert(other);
    }
  }
}

/// Whether the number at a place is below the one that is looked for.
Value KernelEmitter::isBelowAt(SearchOp op, Value place) {
  SmallVector<Value> indices = llvm::map_to_vector(op.getLeading(), [&](Value index) { return scalar(index); });
  indices.push_back(place);
  Value number = loadElement(op.getSource(), indices);
  if (op.getDivide() != 1)
    number = arith::DivSIOp::create(b, loc, number, i32(op.getDivide()));
  if (op.getStep() != 0)
    number = add(number, mul(place, i32(op.getStep())));
  return arith::CmpIOp::create(b, loc, arith::CmpIPredicate::slt, number, scalar(op.getValue()));
}

/// Stands where all lanes of a warp are and have the same operands, so all lanes leave the loop together. Reads of one step do
/// not wait for each other: votes follow them.
LogicalResult KernelEmitter::emitSearch(SearchOp op) {
  if (op->getParentOfType<TabulateOp>())
    return op.emitOpError("expects to stand where the lanes of a warp look for one value, got the body of a table");
  auto group = searchGroups.find(op);
  if (group == searchGroups.end()) // made with the first of its group
    return success();
  using Search = ::attn::analysis::WarpSearch<SearchOperations>;
  SearchOperations a{b, loc};
  SmallVector<Value> ranges;
  for (SearchOp search : group->second)
    ranges.append({scalar(search.getFirst()), scalar(search.getLast())});
  SmallVector<Type> types(ranges.size(), b.getI32Type());
  SmallVector<Location> places(ranges.size(), loc);
  auto loop = scf::WhileOp::create(b, loc, types, ranges);
  OpBuilder::InsertionGuard guard(b);
  Block *before = b.createBlock(&loop.getBefore(), {}, types, places);
  Value open;
  for (size_t i = 0; i != ranges.size(); i += 2) {
    Value more = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::slt, before->getArgument(i), before->getArgument(i + 1));
    open = open ? arith::OrIOp::create(b, loc, open, more).getResult() : more;
  }
  scf::ConditionOp::create(b, loc, open, before->getArguments());
  Block *after = b.createBlock(&loop.getAfter(), {}, types, places);
  SmallVector<Search> steps;
  SmallVector<Value> counts, next;
  for (auto [i, search] : llvm::enumerate(group->second)) {
    Value high = after->getArgument(2 * i + 1);
    steps.emplace_back(a, Search::Range{after->getArgument(2 * i), high});
    Value place = steps.back().placeOf(lane);
    Value exists = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::slt, place, high);
    counts.push_back(arith::AndIOp::create(b, loc, isBelowAt(search, place), exists));
  }
  for (auto [i, search] : llvm::enumerate(group->second)) {
    Search::Range range = steps[i].next(countBits(emitBallot(counts[i])));
    next.append({range.low, range.high});
    scalars[search.getResult()] = loop.getResult(2 * i);
  }
  scf::YieldOp::create(b, loc, next);
  return success();
}
