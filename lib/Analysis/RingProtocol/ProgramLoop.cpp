// See ProgramLoop.h.
#include "ProgramLoop.h"

#include "attn/Dialect/Tile/IR/Tile.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using ::attn::analysis::ProgramLoop;

static std::optional<ProgramLoop> ofFor(scf::ForOp loop) {
  if (getConstantIntValue(loop.getStep())) // programs are dealt by a step that only the launch knows
    return std::nullopt;
  ProgramLoop found{loop, loop.getBody(), loop.getInductionVar(), {}, {}, {}};
  for (auto [argument, init, next, result] :
       llvm::zip(loop.getRegionIterArgs(), loop.getInitArgs(), loop.getYieldedValues(), loop.getResults()))
    found.carried.push_back({argument, init, next, result});
  found.bounds = {loop.getLowerBound(), loop.getUpperBound(), loop.getStep()};
  return found;
}

/// While the number is below an end; the other values only pass through the condition.
static std::optional<ProgramLoop> ofWhile(scf::WhileOp loop) {
  scf::ConditionOp condition = loop.getConditionOp();
  auto below = condition.getCondition().getDefiningOp<arith::CmpIOp>();
  if (!below || below.getPredicate() != arith::CmpIPredicate::slt || below->getBlock() != loop.getBeforeBody() ||
      !llvm::equal(condition.getArgs(), loop.getBeforeArguments()))
    return std::nullopt;
  auto tested = dyn_cast<BlockArgument>(below.getLhs());
  if (!tested || tested.getOwner() != loop.getBeforeBody() || loop->isAncestor(below.getRhs().getParentBlock()->getParentOp()))
    return std::nullopt;
  unsigned number = tested.getArgNumber();
  Operation *yield = loop.getYieldOp();
  ProgramLoop found{loop, loop.getAfterBody(), loop.getAfterArguments()[number], {}, {}, yield->getOperand(number)};
  for (BlockArgument argument : loop.getAfterArguments())
    if (unsigned i = argument.getArgNumber(); i != number)
      found.carried.push_back({argument, loop.getInits()[i], yield->getOperand(i), loop.getResult(i)});
  found.bounds = {loop.getInits()[number], below.getRhs()};
  return found;
}

std::optional<ProgramLoop> ProgramLoop::of(Operation *op) {
  if (auto loop = dyn_cast<scf::ForOp>(op))
    return ofFor(loop);
  if (auto loop = dyn_cast<scf::WhileOp>(op))
    return ofWhile(loop);
  return std::nullopt;
}

bool ProgramLoop::followsFrom(const ProgramLoop &producer) const {
  if (!nextNumber || !producer.nextNumber)
    return !nextNumber && !producer.nextNumber;
  auto receive = nextNumber.getDefiningOp<tile::ReceiveOp>();
  if (!receive || receive->getBlock() != body || !producer.nextNumber.getDefiningOp<tile::DrawOp>())
    return false;
  // One number a program goes into the ring, and one comes out: the proof of the ring says that they are the same.
  int sent = 0, received = 0;
  for (Operation *user : receive.getRing().getUsers()) {
    if (auto send = dyn_cast<tile::SendOp>(user))
      sent += send.getNumber() == producer.nextNumber && send->getBlock() == producer.body ? 1 : 2;
    received += isa<tile::ReceiveOp>(user);
  }
  return sent == 1 && received == 1;
}
