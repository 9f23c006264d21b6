// Makes the abstract program of a kernel: keeps barrier events, the loops and branches around them and the arithmetic that
// they read, and refuses what the later steps could not decide.
#include "Forms.h"
#include "Program.h"

#include "mlir/IR/Matchers.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace ::attn::analysis;

static bool isEvent(Operation *op) {
  return isa<tile::WaitOp, tile::ArriveOp, tile::CopyOp, tile::IssueMmaOp, tile::AwaitOp, tile::TurnOp>(op);
}

static bool holdsEvent(Operation *op) {
  return op->walk([](Operation *inner) { return isEvent(inner) ? WalkResult::interrupt() : WalkResult::advance(); })
      .wasInterrupted();
}

namespace {
class Extractor {
public:
  explicit Extractor(func::FuncOp kernel) : kernel(kernel) {}
  Extraction run();

private:
  bool refuse(Operation *op, ProtocolFault fault, const Twine &text);
  bool collectResources(tile::RolesOp &roles);
  bool addBarriers(tile::AllocBarriersOp op, tile::RolesOp roles);
  void addParameters(tile::RolesOp roles);
  bool checkOperation(Operation *op);
  /// Marks what `value` is computed from.
  void need(Value value);
  bool needPeriodic(Operation *op, Value value, StringRef what);
  bool needOperands(Operation *op);
  ValueId id(Value value) { return ids.try_emplace(value, ids.size()).first->second; }
  bool isParameter(Value value) {
    return llvm::any_of(program.parameters, [&](const Parameter &parameter) { return parameter.id == id(value); });
  }
  Place placeOf(Value group, Value index);
  void emitArithmetic(Operation *op, std::vector<Node> &to);
  void emitBlock(Block &block, std::vector<Node> &to);
  Node emitLoop(scf::ForOp loop);
  Node emitEvent(Operation *op);

  func::FuncOp kernel;
  Extraction result;
  Program &program = result.program;
  Forms forms;
  llvm::DenseMap<Value, ValueId> ids;
  llvm::DenseMap<Value, std::pair<int, int>> groups; ///< base and count of a ring or an array of barriers
  llvm::DenseSet<Value> needed;
};
} // namespace

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
  bool copies = false, arrives = false;
  for (Operation *user : op->getUsers()) {
    copies |= isa<tile::CopyOp>(user);
    arrives |= isa<tile::ArriveOp>(user);
  }
  if (copies && arrives)
    return refuse(op, ProtocolFault::WrongArrivals,
                  "counts copies, which arrive once, and warpgroups, which arrive once a warp");
  program.barriers.push_back({op, program.barrierCount, count, static_cast<int64_t>(op.getArrivals())});
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

/// A bound that is computed outside the roles from anything but constants is an argument of the run, less the constants
/// added to it.
void Extractor::addParameters(tile::RolesOp roles) {
  roles.walk([&](scf::ForOp loop) {
    Value bound = loop.getUpperBound();
    if (!holdsEvent(loop) || roles->isProperAncestor(bound.getParentBlock()->getParentOp()))
      return;
    while (Operation *op = bound.getDefiningOp()) {
      if (!isa<arith::AddIOp, arith::SubIOp>(op) || !matchPattern(op->getOperand(1), m_Constant()))
        break;
      bound = op->getOperand(0);
    }
    if (matchPattern(bound, m_Constant()) || isParameter(bound))
      return;
    forms.addParameter(bound);
    program.parameters.push_back({id(bound), loop});
  });
}

/// Whether an operation of a role is one whose effect on the protocol is known.
bool Extractor::checkOperation(Operation *op) {
  bool shared = llvm::any_of(op->getOperandTypes(), [](Type type) {
    return isa<tile::SharedType, tile::RingType, tile::BarriersType, tile::PendingType>(type);
  });
  if (shared && !isEvent(op) && !isa<tile::ViewOp>(op))
    return refuse(op, ProtocolFault::NotUnderstood, "reads shared memory in a way that is not known");
  if (op->getNumRegions() != 0 && !isa<scf::ForOp, scf::IfOp>(op) && (holdsEvent(op) || !isMemoryEffectFree(op)))
    return refuse(op, ProtocolFault::NotUnderstood, "steers the protocol in a way that is not known");
  if (op->getNumRegions() == 0 && !isa<tile::TileDialect>(op->getDialect()) && !isMemoryEffectFree(op))
    return refuse(op, ProtocolFault::NotUnderstood, "has effects that are not known");
  if (isEvent(op) && !isa<tile::WaitOp>(op)) {
    bool produces = op->getParentOfType<tile::RolesOp>().getProducer().isAncestor(op->getParentRegion());
    if (produces != isa<tile::CopyOp>(op)) // the producer is one thread, a consumer all threads of a warpgroup
      return refuse(op, ProtocolFault::NotUnderstood, "expects to stand in the other role");
  }
  return isEvent(op) || isa<scf::ForOp, scf::IfOp>(op) ? needOperands(op) : true;
}

void Extractor::need(Value value) {
  if (!needed.insert(value).second || isParameter(value))
    return;
  if (auto argument = dyn_cast<BlockArgument>(value)) {
    auto loop = dyn_cast<scf::ForOp>(argument.getOwner()->getParentOp());
    if (loop && argument != loop.getInductionVar()) {
      unsigned index = argument.getArgNumber() - 1;
      need(loop.getInitArgs()[index]);
      need(loop.getYieldedValues()[index]);
    }
    return;
  }
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
    if (!holdsEvent(op))
      return true;
    Form upper = forms.get(loop.getUpperBound());
    if (!forms.get(loop.getLowerBound()).isConstant() || upper.kind != Form::Linear || upper.terms.size() > 1 ||
        getConstantIntValue(loop.getStep()) != 1)
      return refuse(op, ProtocolFault::NotUnderstood, "expects to count by 1 from a constant to one bound");
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
    if (!view)
      return refuse(op, ProtocolFault::NotUnderstood, "expects shared tiles to be views of a ring");
    if (view.getType() != cast<tile::RingType>(view.getRing().getType()).getSlot())
      return refuse(view, ProtocolFault::WrongBytes, "must view a whole slot of its ring");
    if (!needPeriodic(view, view.getSlot(), "slot"))
      return false;
  }
  return true;
}

Place Extractor::placeOf(Value group, Value index) {
  auto [base, count] = groups.lookup(group);
  return {base, count, id(index)};
}

void Extractor::emitArithmetic(Operation *op, std::vector<Node> &to) {
  if (op->getNumResults() != 1 || !needed.contains(op->getResult(0)) || isParameter(op->getResult(0)))
    return;
  IntegerAttr constant;
  Node node(Act::Compute, op);
  node.result = id(op->getResult(0));
  auto code = llvm::TypeSwitch<Operation *, std::optional<Code>>(op)
                  .Case<arith::AddIOp>([](auto) { return Code::Add; })
                  .Case<arith::SubIOp>([](auto) { return Code::Sub; })
                  .Case<arith::MulIOp>([](auto) { return Code::Mul; })
                  .Case<arith::DivUIOp, arith::DivSIOp>([](auto) { return Code::Div; })
                  .Case<arith::RemUIOp, arith::RemSIOp>([](auto) { return Code::Rem; })
                  .Case<arith::AndIOp>([](auto) { return Code::And; })
                  .Case<arith::OrIOp>([](auto) { return Code::Or; })
                  .Case<arith::XOrIOp>([](auto) { return Code::Xor; })
                  .Case<arith::ShRUIOp, arith::ShRSIOp>([](auto) { return Code::ShiftRight; })
                  .Case<arith::MinSIOp>([](auto) { return Code::Min; })
                  .Case<arith::MaxSIOp>([](auto) { return Code::Max; })
                  .Case<arith::SelectOp>([](auto) { return Code::Select; })
                  .Case<arith::IndexCastOp, arith::ExtUIOp>([](auto) { return Code::Same; })
                  .Case([&](arith::CmpIOp compare) { return node.predicate = compare.getPredicate(), Code::Compare; })
                  .Default([](Operation *) { return std::nullopt; });
  if (matchPattern(op, m_Constant(&constant))) {
    code = Code::Constant;
    node.constant = op->getResult(0).getType().isInteger(1) ? constant.getValue().getZExtValue() : constant.getInt();
  }
  if (!code) // its form is Other, so nothing that is executed reads it
    return;
  node.code = *code;
  for (auto [i, operand] : llvm::enumerate(op->getOperands()))
    node.operands[i] = id(operand);
  to.push_back(std::move(node));
}

Node Extractor::emitLoop(scf::ForOp loop) {
  Node node(Act::Loop, loop);
  node.result = id(loop.getInductionVar());
  node.operands[0] = id(loop.getLowerBound()), node.operands[1] = id(loop.getUpperBound());
  node.operands[2] = id(loop.getStep());
  for (auto [argument, init, next] : llvm::zip(loop.getRegionIterArgs(), loop.getInitArgs(), loop.getYieldedValues()))
    if (needed.contains(argument))
      node.carried.push_back({id(argument), id(init), id(next)});
  emitBlock(*loop.getBody(), node.body);
  return node;
}

Node Extractor::emitEvent(Operation *op) {
  Node node(Act::Await, op);
  llvm::TypeSwitch<Operation *>(op)
      .Case([&](tile::WaitOp wait) {
        node.act = Act::Wait;
        node.barrier = placeOf(wait.getBarriers(), wait.getSlot());
        node.operands[0] = id(wait.getParity());
      })
      .Case([&](tile::ArriveOp arrive) {
        node.act = Act::Arrive;
        node.barrier = placeOf(arrive.getBarriers(), arrive.getSlot());
      })
      .Case([&](tile::CopyOp copy) {
        node.act = Act::Copy;
        node.barrier = placeOf(copy.getBarriers(), copy.getBarrier());
        node.slots.push_back(placeOf(copy.getRing(), copy.getSlot()));
      })
      .Case([&](tile::IssueMmaOp issue) {
        node.act = Act::Issue;
        node.result = id(issue.getResult());
        for (Value operand : {issue.getA(), issue.getB()})
          if (auto view = operand.getDefiningOp<tile::ViewOp>())
            node.slots.push_back(placeOf(view.getRing(), view.getSlot()));
      })
      .Case([&](tile::AwaitOp await) { node.operands[0] = id(await.getPending()); })
      .Case([&](tile::TurnOp turn) { node.act = turn.getTake() ? Act::TakeTurn : Act::PassTurn; });
  return node;
}

void Extractor::emitBlock(Block &block, std::vector<Node> &to) {
  for (Operation &op : block) {
    if (isEvent(&op)) {
      to.push_back(emitEvent(&op));
    } else if (auto loop = dyn_cast<scf::ForOp>(op)) {
      if (holdsEvent(loop))
        to.push_back(emitLoop(loop));
    } else if (auto branch = dyn_cast<scf::IfOp>(op)) {
      if (!holdsEvent(branch))
        continue;
      Node node(Act::Branch, branch);
      node.operands[0] = id(branch.getCondition());
      emitBlock(*branch.thenBlock(), node.body);
      if (branch.elseBlock())
        emitBlock(*branch.elseBlock(), node.orElse);
      to.push_back(std::move(node));
    } else {
      emitArithmetic(&op, to);
    }
  }
}

Extraction Extractor::run() {
  tile::RolesOp roles;
  if (!collectResources(roles)) {
    result.empty = !result.refusal && program.rings.empty();
    if (!result.refusal && !result.empty)
      refuse(program.rings.front().op, ProtocolFault::NotUnderstood, "expects roles that use it");
    return std::move(result);
  }
  addParameters(roles);
  WalkResult walked = roles->walk([&](Operation *op) {
    return op == roles || checkOperation(op) ? WalkResult::advance() : WalkResult::interrupt();
  });
  if (walked.wasInterrupted())
    return std::move(result);
  kernel.walk<WalkOrder::PreOrder>([&](Operation *op) {
    if (op == roles)
      return WalkResult::skip();
    emitArithmetic(op, program.prelude);
    return WalkResult::advance();
  });
  emitBlock(roles.getProducer().front(), program.producer);
  emitBlock(roles.getConsumer().front(), program.consumer);
  program.values = ids.size();
  program.period = forms.period(), program.reach = forms.reach();
  if (program.period > 256 || program.reach > 64 || program.parameters.size() > 2)
    refuse(roles, ProtocolFault::NotUnderstood, "repeats after too many iterations to be executed");
  return std::move(result);
}

namespace attn::analysis {
Extraction extractProgram(func::FuncOp kernel) { return Extractor(kernel).run(); }
} // namespace attn::analysis
