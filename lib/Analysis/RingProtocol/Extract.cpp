// What of a kernel is kept: barrier events, the loops and branches around them and the arithmetic that they read. What the
// later steps could not decide is refused here.
#include "Extract.h"
#include "SameValue.h"

#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

using namespace mlir;
using namespace ::attn::analysis;

bool Extractor::refuse(Operation *op, ProtocolFault fault, const Twine &text) {
  if (!result.refusal)
    result.refusal = {fault, op, text.str(), {}};
  return false;
}

bool Extractor::addBarriers(tile::AllocBarriersOp op, tile::RolesOp roles) {
  int count = cast<tile::BarriersType>(op.getType()).getCount();
  if (op->getBlock() != roles->getBlock() || !op->isBeforeInBlock(roles))
    return refuse(op, ProtocolFault::NotInitialised, "must stand before the roles, to be initialised before they start");
  if (op.getArrivals() < 1)
    return refuse(op, ProtocolFault::NotInitialised, "must expect an arrival, got " + Twine(op.getArrivals()));
  bool copies = false, parts = false, arrives = false;
  for (Operation *user : op->getUsers()) {
    if (auto copy = dyn_cast<tile::CopyOp>(user))
      (copy.getMulticast() ? parts : copies) = true;
    copies |= isa<tile::SendOp>(user);
    arrives |= isa<tile::ArriveOp>(user);
  }
  if (copies && parts)
    return refuse(op, ProtocolFault::WrongArrivals, "counts copies of this block alone and of its cluster");
  copies |= parts;
  if (copies && arrives)
    return refuse(op, ProtocolFault::WrongArrivals,
                  "counts copies, which arrive once, and warpgroups, which arrive once a warp");
  program.barriers.push_back(
      {op, program.barrierCount, count, static_cast<int64_t>(op.getArrivals()), parts ? program.blocks : 1});
  groups[op.getResult()] = {program.barrierCount, count};
  program.barrierCount += count;
  return true;
}

bool Extractor::collectResources(tile::RolesOp &roles) {
  SmallVector<tile::AllocBarriersOp> barriers;
  WalkResult walked = kernel.walk([&](Operation *op) {
    if (auto found = dyn_cast<tile::RolesOp>(op)) {
      if (roles || !isa<scf::ForallOp, func::FuncOp>(op->getParentOp()))
        return refuse(op, ProtocolFault::NotUnderstood, "expects to be the only roles and to run once a program"),
               WalkResult::interrupt();
      roles = found;
    } else if (auto ring = dyn_cast<tile::AllocRingOp>(op)) {
      int count = cast<tile::RingType>(ring.getType()).getStages();
      program.rings.push_back({ring, program.slotCount, count});
      groups[ring.getResult()] = {program.slotCount, count};
      program.slotCount += count;
      forms.include(2 * count);
    } else if (auto array = dyn_cast<tile::AllocBarriersOp>(op)) {
      barriers.push_back(array);
    } else if (auto copy = dyn_cast<tile::CopyOp>(op); copy && !addCluster(op, copy.getMulticast())) {
      return WalkResult::interrupt();
    } else if (auto arrive = dyn_cast<tile::ArriveOp>(op); arrive && !addCluster(op, arrive.getMulticast())) {
      return WalkResult::interrupt();
    } else if (isEvent(op) && !op->getParentOfType<tile::RolesOp>()) {
      return refuse(op, ProtocolFault::NotUnderstood, "expects to stand in a role"), WalkResult::interrupt();
    }
    return WalkResult::advance();
  });
  if (walked.wasInterrupted() || !roles)
    return false;
  program.consumers = roles.getConsumers();
  if (program.consumers < 1 || program.consumers > 7)
    return refuse(roles, ProtocolFault::NotUnderstood, "expects 1 to 7 consumers, got " + Twine(program.consumers));
  return llvm::all_of(barriers, [&](tile::AllocBarriersOp op) { return addBarriers(op, roles); });
}

/// Every operation for a cluster names one number of blocks, each of which copies whole groups of 8 rows.
bool Extractor::addCluster(Operation *op, std::optional<int64_t> blocks) {
  if (!blocks)
    return true;
  if (*blocks < 2 || *blocks > 4 || (program.blocks > 1 && program.blocks != *blocks))
    return refuse(op, ProtocolFault::NotUnderstood,
                  "expects one cluster of 2 to 4 blocks, got " + Twine(*blocks) +
                      (program.blocks > 1 ? " beside " + Twine(program.blocks) : Twine()));
  program.blocks = *blocks;
  if (auto copy = dyn_cast<tile::CopyOp>(op))
    if (int64_t rows = cast<tile::RingType>(copy.getRing().getType()).getSlot().getRows(); rows % (8 * *blocks) != 0)
      return refuse(op, ProtocolFault::WrongBytes,
                    "must copy a multiple of 8 rows for each of " + Twine(*blocks) + " blocks, got " + Twine(rows));
  return true;
}

/// Whether a value may differ among the blocks of a cluster: it follows from a block's number, or its source is not known.
static bool differsAmongBlocks(Value value, DenseSet<Value> &seen) {
  if (!seen.insert(value).second)
    return false;
  auto anyDiffers = [&](ValueRange values) {
    return llvm::any_of(values, [&](Value each) { return differsAmongBlocks(each, seen); });
  };
  if (auto argument = dyn_cast<BlockArgument>(value)) {
    Operation *parent = argument.getOwner()->getParentOp();
    auto loop = dyn_cast<scf::ForOp>(parent);
    if (!loop)
      return !isa<func::FuncOp>(parent);
    if (argument == loop.getInductionVar())
      return anyDiffers({loop.getLowerBound(), loop.getStep()});
    unsigned index = argument.getArgNumber() - 1;
    return anyDiffers({loop.getInitArgs()[index], loop.getYieldedValues()[index]});
  }
  Operation *op = value.getDefiningOp();
  if (auto loop = dyn_cast<scf::ForOp>(op)) {
    unsigned index = cast<OpResult>(value).getResultNumber();
    return anyDiffers({loop.getLowerBound(), loop.getUpperBound(), loop.getStep(), loop.getInitArgs()[index], loop.getYieldedValues()[index]});
  }
  return isa<gpu::BlockIdOp, gpu::ClusterBlockIdOp, gpu::ThreadIdOp>(op) || op->getNumRegions() > 0 ||
         anyDiffers(op->getOperands());
}

/// One list of events stands for every block of a cluster, so what steers a block has to be the same for all.
bool Extractor::checkCluster(tile::RolesOp roles) {
  if (program.blocks == 1)
    return true;
  WalkResult walked = roles->walk([&](Operation *op) {
    SmallVector<Value, 3> steering;
    if (auto loop = dyn_cast<scf::ForOp>(op))
      steering = {loop.getLowerBound(), loop.getUpperBound(), loop.getStep()};
    else if (auto branch = dyn_cast<scf::IfOp>(op))
      steering = {branch.getCondition()};
    DenseSet<Value> seen;
    if (!holdsEvent(op) || llvm::none_of(steering, [&](Value value) { return differsAmongBlocks(value, seen); }))
      return WalkResult::advance();
    refuse(op, ProtocolFault::NotUnderstood, "expects to run alike in all blocks of a cluster");
    return WalkResult::interrupt();
  });
  return !walked.wasInterrupted();
}

void Extractor::addParameter(Value bound, scf::ForOp loop) {
  forms.addParameter(bound);
  for (Parameter &parameter : program.parameters)
    if (computeSameValue(parameter.value, bound, programLoops))
      return parameter.ids.push_back(id(bound));
  auto clamp = bound.getDefiningOp<arith::MaxSIOp>();
  IntegerAttr least;
  bool isClamped = clamp && matchPattern(clamp.getRhs(), m_Constant(&least)) && least.getInt() >= 0;
  program.parameters.push_back({{id(bound)}, bound, loop, isClamped ? least.getInt() : -1, std::nullopt});
}

/// A bound that each consumer has for itself is an argument of the run for each of them, beside the one that it is at most.
bool Extractor::addOwnParameter(tile::OwnBoundOp bound, scf::ForOp loop) {
  auto roles = bound->getParentOfType<tile::RolesOp>();
  if (program.blocks > 1 || !roles || !roles.getConsumer().isAncestor(bound->getParentRegion()) ||
      (bound->getParentOp() != roles && !isProgramLoop(bound->getParentOp())))
    return refuse(bound, ProtocolFault::NotUnderstood, "expects to stand outside the loops over blocks of a consumer, without a cluster");
  if (isParameter(bound))
    return true;
  if (!isParameter(bound.getWhole()))
    addParameter(bound.getWhole(), loop);
  int whole = llvm::find_if(program.parameters, [&](const Parameter &parameter) {
                return llvm::is_contained(parameter.ids, id(bound.getWhole()));
              }) - program.parameters.begin();
  forms.addParameter(bound);
  program.parameters.push_back({{id(bound)}, bound, loop, program.parameters[whole].least,
                                Parameter::Own{whole, static_cast<int64_t>(bound.getFewer())}});
  return true;
}

/// A bound that is computed outside the loops over blocks from anything but constants is an argument of the run, less the
/// constants added to it.
bool Extractor::addParameters(tile::RolesOp roles) {
  WalkResult walked = roles.walk([&](scf::ForOp loop) {
    if (!holdsEvent(loop) || isProgramLoop(loop))
      return WalkResult::advance();
    Value bound = loop.getUpperBound();
    auto isOutside = [&](Value value) {
      Operation *parent = value.getParentBlock()->getParentOp();
      return !roles->isAncestor(parent) || (isProgramLoop(parent) && value.getDefiningOp());
    };
    while (Operation *op = bound.getDefiningOp()) {
      if (!isa<arith::AddIOp, arith::SubIOp>(op) || !matchPattern(op->getOperand(1), m_Constant()))
        break;
      bound = op->getOperand(0);
    }
    if (auto own = loop.getUpperBound().getDefiningOp<tile::OwnBoundOp>())
      return addOwnParameter(own, loop) ? WalkResult::advance() : WalkResult::interrupt();
    if (isOutside(loop.getUpperBound()) && isOutside(bound) && !matchPattern(bound, m_Constant()) && !isParameter(bound))
      addParameter(bound, loop);
    return WalkResult::advance();
  });
  return !walked.wasInterrupted();
}

/// What is published lies in the place of the rings, so their work has to be over: nothing of them follows, and no loop comes back.
bool Extractor::checkPublish(Operation *op) {
  for (Operation *at = op; !isa<tile::RolesOp>(at); at = at->getParentOp()) {
    bool follows = isa<LoopLikeOpInterface>(at);
    for (Operation *next = at->getNextNode(); next; next = next->getNextNode())
      follows |= holdsEvent(next);
    if (follows)
      return refuse(op, ProtocolFault::NotUnderstood, "expects to stand behind all that a role does with its rings, since it writes "
                                                      "in their place");
  }
  return true;
}

/// Whether an operation of a role is one whose effect on the protocol is known.
bool Extractor::checkOperation(Operation *op) {
  if (isa<tile::PublishOp>(op) && !checkPublish(op))
    return false;
  bool shared = llvm::any_of(op->getOperandTypes(), [](Type type) {
    return isa<tile::SharedType, tile::RingType, tile::BarriersType, tile::PendingType>(type);
  });
  auto store = dyn_cast<tile::StoreOp>(op); // its stage is no ring's: rows of it belong to one warp
  auto stage = store && store.getStage() ? store.getStage().getDefiningOp<tile::AllocSharedOp>() : tile::AllocSharedOp();
  bool staged = stage && !stage.getFill();
  if (shared && !staged && !isEvent(op) && !isa<tile::ViewOp>(op))
    return refuse(op, ProtocolFault::NotUnderstood, "reads shared memory in a way that is not known");
  if (op->getNumRegions() != 0 && !isa<scf::ForOp, scf::IfOp>(op) && !isProgramLoop(op) && (holdsEvent(op) || !isMemoryEffectFree(op)))
    return refuse(op, ProtocolFault::NotUnderstood, "steers the protocol in a way that is not known");
  if (op->getNumRegions() == 0 && !isa<tile::TileDialect>(op->getDialect()) && !isMemoryEffectFree(op))
    return refuse(op, ProtocolFault::NotUnderstood, "has effects that are not known");
  if (isEvent(op) && !isa<tile::WaitOp>(op)) {
    bool produces = op->getParentOfType<tile::RolesOp>().getProducer().isAncestor(op->getParentRegion());
    if (produces != isa<tile::CopyOp, tile::SendOp>(op)) // the producer is one thread, a consumer all threads of a warpgroup
      return refuse(op, ProtocolFault::NotUnderstood, "expects to stand in the other role");
  }
  return isEvent(op) || isa<scf::ForOp, scf::IfOp>(op) ? needOperands(op) : true;
}

void Extractor::need(Value value) {
  if (!needed.insert(value).second || isParameter(value))
    return;
  if (auto argument = dyn_cast<BlockArgument>(value)) {
    for (const ProgramLoop &program : programLoops)
      for (const ProgramLoop::Carried &each : program.carried)
        if (each.argument == argument)
          return need(each.init), need(each.next);
    auto loop = dyn_cast<scf::ForOp>(argument.getOwner()->getParentOp());
    if (loop && !isProgramLoop(loop) && argument != loop.getInductionVar()) {
      unsigned index = argument.getArgNumber() - 1;
      need(loop.getInitArgs()[index]);
      need(loop.getYieldedValues()[index]);
    }
    return;
  }
  for (const ProgramLoop &program : programLoops)
    for (const ProgramLoop::Carried &each : program.carried)
      if (each.result == value)
        return need(each.argument);
  for (Value operand : value.getDefiningOp()->getOperands())
    need(operand);
}

bool Extractor::needPeriodic(Operation *op, Value value, StringRef what) {
  if (!forms.get(value).isPeriodic())
    return refuse(op, ProtocolFault::NotUnderstood,
                  "expects its " + what + " to follow from a loop counter by sums, constant divisors and remainders");
  need(value);
  return true;
}

bool Extractor::needOperands(Operation *op) {
  if (auto loop = dyn_cast<scf::ForOp>(op)) {
    if (!holdsEvent(op) || isProgramLoop(loop))
      return true;
    Form upper = forms.get(loop.getUpperBound());
    bool isBegun = forms.get(loop.getLowerBound()).isConstant() || isOwnParameter(loop.getLowerBound());
    if (!isBegun || upper.kind != Form::Linear || upper.terms.size() > 1 ||
        getConstantIntValue(loop.getStep()) != 1 || forms.hasCarriedCount(upper))
      return refuse(op, ProtocolFault::NotUnderstood, "expects to count by 1 from a constant, or a bound of a warpgroup's own, to one bound");
    for (Value operand : {loop.getLowerBound(), loop.getUpperBound(), loop.getStep()})
      need(operand);
    return true;
  }
  if (auto branch = dyn_cast<scf::IfOp>(op)) {
    if (!holdsEvent(op))
      return true;
    if (!forms.get(branch.getCondition()).isCondition())
      return refuse(op, ProtocolFault::NotUnderstood, "expects its condition to compare a loop counter with an end");
    need(branch.getCondition());
    return true;
  }
  if (auto wait = dyn_cast<tile::WaitOp>(op))
    return needPeriodic(op, wait.getSlot(), "barrier") && needPeriodic(op, wait.getParity(), "parity");
  if (auto arrive = dyn_cast<tile::ArriveOp>(op)) {
    return needPeriodic(op, arrive.getSlot(), "barrier");
  }
  if (auto send = dyn_cast<tile::SendOp>(op)) {
    if (!send.getBarriers())
      return refuse(op, ProtocolFault::NotUnderstood, "expects a barrier that says when its slot is full");
    return needPeriodic(op, send.getPlace(), "slot");
  }
  if (auto receive = dyn_cast<tile::ReceiveOp>(op))
    return needPeriodic(op, receive.getPlace(), "slot");
  if (auto copy = dyn_cast<tile::CopyOp>(op)) {
    int64_t bytes = cast<tile::RingType>(copy.getRing().getType()).getSlot().getBytes();
    if (std::optional<int64_t> announced = copy.getBytes(); announced && announced != bytes)
      return refuse(op, ProtocolFault::WrongBytes,
                    "must announce the " + Twine(bytes) + " bytes that it copies, got " + Twine(*announced));
    return needPeriodic(op, copy.getSlot(), "slot") && needPeriodic(op, copy.getBarrier(), "barrier");
  }
  if (auto await = dyn_cast<tile::AwaitOp>(op); await && !await.getPending().getDefiningOp<tile::IssueMmaOp>())
    return refuse(op, ProtocolFault::NotUnderstood, "expects the product of a tile.issue_mma");
  for (Value operand : op->getOperands()) {
    if (!isa<tile::SharedType>(operand.getType()))
      continue;
    auto view = operand.getDefiningOp<tile::ViewOp>();
    if (auto alloc = operand.getDefiningOp<tile::AllocSharedOp>(); alloc && alloc.getFill()) // which no role writes
      continue;
    if (!view)
      return refuse(op, ProtocolFault::NotUnderstood, "expects shared tiles to be views of a ring, or filled from the start");
    if (view.getType() != cast<tile::RingType>(view.getRing().getType()).getSlot())
      return refuse(view, ProtocolFault::WrongBytes, "must view a whole slot of its ring");
    if (!needPeriodic(view, view.getSlot(), "slot"))
      return false;
  }
  return true;
}

Extraction Extractor::run() {
  tile::RolesOp roles;
  if (!collectResources(roles)) {
    result.empty = !result.refusal && program.rings.empty();
    if (!result.refusal && !result.empty)
      refuse(program.rings.front().op, ProtocolFault::NotUnderstood, "expects roles that use it");
    return std::move(result);
  }
  if (!findProgramLoops(roles) || !checkCluster(roles))
    return std::move(result);
  if (!addParameters(roles))
    return std::move(result);
  WalkResult walked = roles->walk([&](Operation *op) {
    return op == roles || checkOperation(op) ? WalkResult::advance() : WalkResult::interrupt();
  });
  if (walked.wasInterrupted() || !addCarriedCounts())
    return std::move(result);
  kernel.walk<WalkOrder::PreOrder>([&](Operation *op) {
    if (op == roles)
      return WalkResult::skip();
    emitArithmetic(op, program.prelude);
    return WalkResult::advance();
  });
  emitRole(roles.getProducer().front(), program.producer, program.producerCounts, program.producerEnd);
  emitRole(roles.getConsumer().front(), program.consumer, program.consumerCounts, program.consumerEnd);
  program.values = ids.size();
  program.period = forms.period(), program.reach = forms.reach();
  for (const Parameter &parameter : program.parameters)
    if (parameter.own)
      program.reach = std::max(program.reach, parameter.own->fewer);
  if (program.period > 256 || program.reach > 64 || program.parameters.size() > 2)
    refuse(roles, ProtocolFault::NotUnderstood, "repeats after too many iterations to be executed");
  return std::move(result);
}

namespace attn::analysis {
Extraction extractProgram(func::FuncOp kernel) { return Extractor(kernel).run(); }
} // namespace attn::analysis
