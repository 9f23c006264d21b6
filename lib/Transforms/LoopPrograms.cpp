// tile-loop-programs: makes a kernel persistent. Each role loops over the programs of its block by itself, so the producer
// loads for the next program while the consumers finish this one. Counts of rings go on from program to program: each
// becomes a base, carried around the loop, plus the count within the program.
//
// It runs when the loop over keys has its final form, whose counts it need not understand, and before counts become slots
// and parities, which it would have to take apart.
#include "attn/Transforms/Passes.h"

#include "ProgramOrder.h"

#include "attn/Dialect/Tile/IR/KernelAttributes.h"
#include "attn/Dialect/Tile/IR/Tile.h"
#include "attn/Target/Gpu.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Remarks.h"

namespace mlir::attn {
#define GEN_PASS_DEF_TILELOOPPROGRAMS
#include "attn/Transforms/Passes.h.inc"
} // namespace mlir::attn

using namespace mlir;
using namespace mlir::attn;

namespace {
class ProgramLooper {
public:
  ProgramLooper(func::FuncOp func, tile::PlanAttr plan, scf::ForallOp forall, tile::RolesOp roles)
      : func(func), plan(plan), forall(forall), roles(roles), b(forall), loc(forall.getLoc()),
        order(ProgramOrder::create(b, forall, plan, func->hasAttr(tile::kHeavyFirstAttr), hasOwnEnds(roles))) {}

  LogicalResult run();

private:
  LogicalResult countPuts();
  LogicalResult countPut(tile::PutOp put);
  void count(tile::AllocRingOp ring, Value tiles);
  void releaseWholeRings();
  void deepenWholeRings();
  void addNumbers();
  /// The loop over programs of one role: its body, and the program and the bases of rings in it.
  struct Loop {
    Block *body;
    Value program;
    SmallVector<Value> bases;
  };
  Loop makeLoop();
  void loopRole(Block &role);
  Value nextProgram(Block &role, Value program);
  void addBases(Block &role, ArrayRef<Value> bases);
  static bool hasOwnEnds(tile::RolesOp roles) {
    return roles.getConsumer().walk([](tile::OwnBoundOp) { return WalkResult::interrupt(); }).wasInterrupted();
  }
  void leaveOut(Block *program, Value hasRows);

  func::FuncOp func;
  tile::PlanAttr plan;
  scf::ForallOp forall;
  tile::RolesOp roles;
  OpBuilder b;
  Location loc;
  ProgramOrder order;
  Value zero;
  /// Rings with one number of tiles a program and one number of stages have one base.
  struct Count {
    Value tiles; ///< of one program; null for one
    int64_t stages;
    SmallVector<tile::AllocRingOp, 2> rings;
  };
  SmallVector<Count> counts;
  tile::AllocRingOp numbers; ///< of drawn programs, from the producer to the consumers
};
} // namespace

/// What a loop's bound adds 1 to, where the loop puts one ring's tile a round later than another's.
static arith::AddIOp getRoundMore(Value bound) {
  auto add = bound.getDefiningOp<arith::AddIOp>();
  return add && getConstantIntValue(add.getRhs()) == 1 ? add : arith::AddIOp();
}

/// The number of tiles that a ring gets from one program: that of the loop in which its put stands, by itself or, a round
/// sooner or later than another ring's, in a branch. (Whether the branch leaves out the right round, the proof will tell.)
static Value getTiles(tile::PutOp put, tile::RolesOp roles) {
  auto branch = dyn_cast<scf::IfOp>(put->getParentOp());
  auto loop = dyn_cast<scf::ForOp>(branch ? branch->getParentOp() : put->getParentOp());
  if (!loop || loop->getParentOp() != roles)
    return Value();
  Value bound = loop.getUpperBound();
  bool counts = put.getCount() == loop.getInductionVar();
  if (branch) {
    auto before = put.getCount().getDefiningOp<arith::AddIOp>();
    counts |= before && before.getLhs() == loop.getInductionVar() && getConstantIntValue(before.getRhs()) == -1;
    arith::AddIOp more = getRoundMore(bound);
    bound = more ? more.getLhs() : Value();
  }
  bool shared = bound && !roles->isProperAncestor(bound.getParentBlock()->getParentOp());
  return counts && shared ? bound : Value();
}

/// Notes how many tiles a ring gets from one program.
LogicalResult ProgramLooper::countPut(tile::PutOp put) {
  auto ring = put.getRing().getDefiningOp<tile::AllocRingOp>();
  bool whole = put->getParentOp() == roles;
  Value tiles = whole ? Value() : getTiles(put, roles);
  if (!ring || (!whole && !tiles))
    return put.emitOpError("expects to stand in the producer, or in a loop there whose bound the consumers share");
  int64_t puts = llvm::count_if(ring->getUsers(), [](Operation *user) { return isa<tile::PutOp>(user); });
  if (puts != 1)
    return ring.emitOpError("expects one put, got ") << puts;
  count(ring, tiles);
  return success();
}

void ProgramLooper::count(tile::AllocRingOp ring, Value tiles) {
  int64_t stages = cast<tile::RingType>(ring.getType()).getStages();
  for (Count &known : counts)
    if (known.tiles == tiles && known.stages == stages)
      return known.rings.push_back(ring);
  counts.push_back({tiles, stages, {ring}});
}

LogicalResult ProgramLooper::countPuts() {
  WalkResult result = roles.getProducer().walk(
      [&](tile::PutOp put) { return failed(countPut(put)) ? WalkResult::interrupt() : WalkResult::advance(); });
  if (result.wasInterrupted())
    return failure();
  // A bound below zero means no tiles, and so it must in the sum of tiles.
  for (Count &count : counts) {
    if (!count.tiles)
      continue;
    b.setInsertionPointAfterValue(count.tiles);
    Value clamped = arith::MaxSIOp::create(b, loc, count.tiles, arith::ConstantIndexOp::create(b, loc, 0));
    count.tiles.replaceUsesWithIf(clamped, [&](OpOperand &use) {
      Operation *user = use.getOwner();
      return roles->isProperAncestor(user) || (user->getNumResults() == 1 && getRoundMore(user->getResult(0)));
    });
    count.tiles = clamped;
  }
  return success();
}

/// Gives a slot back as soon as the products that read it are over: behind the loop that holds them, in each branch.
static void releaseAfterUse(tile::SlotOp slot) {
  SmallVector<Operation *> uses;
  for (Operation *user : slot->getUsers()) {
    uses.push_back(user);
    if (isa<tile::IssueMmaOp>(user))
      llvm::append_range(uses, user->getUsers()); // the awaits
  }
  std::function<void(Block *)> releaseIn = [&](Block *block) {
    Operation *last = nullptr;
    for (Operation *use : uses)
      if (Operation *ancestor = block->findAncestorOpInBlock(*use); ancestor && (!last || last->isBeforeInBlock(ancestor)))
        last = ancestor;
    if (auto branch = dyn_cast_or_null<scf::IfOp>(last); branch && branch.elseBlock()) {
      releaseIn(branch.thenBlock());
      releaseIn(branch.elseBlock());
      return;
    }
    OpBuilder b(block, last ? std::next(Block::iterator(last)) : block->begin());
    tile::ReleaseOp::create(b, slot.getLoc(), slot.getRing(), slot.getCount());
  };
  if (!slot->use_empty())
    releaseIn(slot->getBlock());
}

/// A ring that is filled once a program has no releases yet: the end of the block freed it.
void ProgramLooper::releaseWholeRings() {
  for (Count &count : counts)
    for (tile::AllocRingOp ring : count.rings)
      for (Operation *user : llvm::make_early_inc_range(ring->getUsers()))
        if (auto slot = dyn_cast<tile::SlotOp>(user); slot && !count.tiles)
          releaseAfterUse(slot);
}

/// With a second slot the producer need not wait for the end of a program. It is taken where there is room.
void ProgramLooper::deepenWholeRings() {
  constexpr int64_t barrierBytes = 1024;
  int64_t bytes = barrierBytes, more = 0;
  func.walk([&](tile::AllocSharedOp tile) { bytes += cast<tile::SharedType>(tile.getType()).getBytes(); });
  for (Count &count : counts)
    for (tile::AllocRingOp ring : count.rings) {
      auto type = cast<tile::RingType>(ring.getType());
      bytes += type.getBytes();
      more += count.tiles ? 0 : type.getBytes();
    }
  if (bytes + more > ::attn::target::hopper.sharedBytesOf(plan.getResidency()))
    return;
  for (Count &count : counts) {
    if (count.tiles)
      continue;
    count.stages *= 2;
    for (tile::AllocRingOp ring : count.rings) {
      auto slot = cast<tile::RingType>(ring.getType()).getSlot();
      ring.getResult().setType(tile::RingType::get(b.getContext(), count.stages, slot));
    }
  }
}

/// Adds its ring's base to the count of every operation on a ring.
void ProgramLooper::addBases(Block &role, ArrayRef<Value> bases) {
  for (auto [count, base] : llvm::zip(counts, bases))
    for (tile::AllocRingOp ring : count.rings)
      for (Operation *user : ring->getUsers()) {
        if (!role.getParent()->isAncestor(user->getParentRegion()))
          continue;
        OpOperand &operand = user->getOpOperand(isa<tile::PutOp, tile::SendOp>(user) ? 2 : 1);
        OpBuilder at(user);
        operand.set(at.createOrFold<arith::AddIOp>(user->getLoc(), base, operand.get()));
      }
}

/// Drawn numbers go through a ring of their own: the producer has the next one while the consumers work.
void ProgramLooper::addNumbers() {
  if (!plan.getDynamic())
    return;
  constexpr int64_t stages = 2;
  auto slot = tile::SharedType::get(b.getContext(), 1, 1, b.getI32Type());
  numbers = tile::AllocRingOp::create(b, loc, tile::RingType::get(b.getContext(), stages, slot), IntegerAttr());
  count(numbers, Value());
}

ProgramLooper::Loop ProgramLooper::makeLoop() {
  SmallVector<Value> inits(counts.size(), zero);
  if (!plan.getDynamic()) {
    auto loop = scf::ForOp::create(b, loc, order.first(), order.end(), order.step(), inits);
    if (loop.getBody()->mightHaveTerminator())
      loop.getBody()->getTerminator()->erase();
    return {loop.getBody(), loop.getInductionVar(), SmallVector<Value>(loop.getRegionIterArgs())};
  }
  inits.insert(inits.begin(), order.first());
  auto isThere = [&](OpBuilder &nested, Location at, ValueRange args) {
    Value more = arith::CmpIOp::create(nested, at, arith::CmpIPredicate::slt, args[0], order.end());
    scf::ConditionOp::create(nested, at, more, args);
  };
  auto loop = scf::WhileOp::create(b, loc, ValueRange(inits).getTypes(), inits, isThere, [](OpBuilder &, Location, ValueRange) {});
  ValueRange args = loop.getAfterArguments();
  return {loop.getAfterBody(), args[0], SmallVector<Value>(args.drop_front())};
}

/// The producer draws when all loads of a program are on their way, no sooner: who draws early has work already. The consumers
/// still work then, so the answer is there in time.
Value ProgramLooper::nextProgram(Block &role, Value program) {
  if (&role == &roles.getProducer().front()) {
    Value drawn = order.draw(b, loc, program);
    tile::SendOp::create(b, loc, drawn, numbers, zero, Value());
    return drawn;
  }
  tile::WaitFullOp::create(b, loc, numbers, zero);
  Value next = tile::ReceiveOp::create(b, loc, numbers, zero);
  tile::ReleaseOp::create(b, loc, numbers, zero);
  return next;
}

/// A warpgroup without rows in a program visits no keys, and stores nothing.
void ProgramLooper::leaveOut(Block *program, Value hasRows) {
  for (auto bound : llvm::to_vector(program->getOps<tile::OwnBoundOp>())) {
    b.setInsertionPoint(bound);
    bound.getEndMutable().assign(arith::SelectOp::create(b, loc, hasRows, bound.getEnd(), arith::ConstantIndexOp::create(b, loc, 0)));
  }
  for (auto store : llvm::to_vector(program->getOps<tile::StoreOp>())) {
    b.setInsertionPoint(store);
    auto branch = scf::IfOp::create(b, loc, hasRows, /*withElseRegion=*/false);
    store->moveBefore(branch.thenBlock()->getTerminator());
  }
}

void ProgramLooper::loopRole(Block &role) {
  b.setInsertionPointToStart(&role);
  Loop loop = makeLoop();
  Block *body = loop.body;
  b.setInsertionPointToStart(body);
  ProgramOrder::Program program = order.at(b, loc, loop.program);
  IRMapping mapping;
  mapping.map(forall.getInductionVars(), ValueRange{program.batch, program.head, program.tile});
  for (Operation &op : forall.getBody()->without_terminator())
    if (&op != roles && !isa<tile::AllocRingOp>(op))
      b.clone(op, mapping);
  body->getOperations().splice(body->end(), role.getOperations(), std::next(Block::iterator(body->getParentOp())),
                               std::prev(role.end()));
  body->walk([&](Operation *op) {
    for (OpOperand &operand : op->getOpOperands())
      operand.set(mapping.lookupOrDefault(operand.get()));
  });
  if (order.sharesRows() && &role == &roles.getConsumer().front()) {
    b.setInsertionPointToStart(body);
    leaveOut(body, order.hasRows(b, loc, loop.program));
  }
  b.setInsertionPointToEnd(body);
  SmallVector<Value> next;
  if (plan.getDynamic())
    next.push_back(nextProgram(role, loop.program));
  addBases(role, loop.bases);
  b.setInsertionPointToEnd(body);
  IndexMath ops{b, loc};
  for (auto [count, base] : llvm::zip(counts, loop.bases)) {
    // Slot and phase repeat after two rounds of a ring; reduced, a base cannot overflow.
    Value tiles = count.tiles ? mapping.lookupOrDefault(count.tiles) : ops.constant(1);
    next.push_back(ops.remainder(ops.add(base, tiles), ops.constant(2 * count.stages)));
  }
  scf::YieldOp::create(b, loc, next);
}

LogicalResult ProgramLooper::run() {
  if (failed(countPuts()))
    return failure();
  releaseWholeRings();
  deepenWholeRings();
  b.setInsertionPoint(forall);
  for (tile::AllocRingOp ring : llvm::make_early_inc_range(forall.getBody()->getOps<tile::AllocRingOp>()))
    ring->moveBefore(forall);
  zero = arith::ConstantIndexOp::create(b, loc, 0);
  addNumbers();
  loopRole(roles.getProducer().front());
  loopRole(roles.getConsumer().front());
  roles->moveBefore(forall);
  forall.erase();
  return success();
}

namespace {
struct LoopPrograms : mlir::attn::impl::TileLoopProgramsBase<LoopPrograms> {
  void runOnOperation() override {
    func::FuncOp func = getOperation();
    auto plan = func->getAttrOfType<tile::PlanAttr>(tile::kPlanAttr);
    if (!plan || !plan.isGpu()) {
      func.emitOpError("expects a plan for a GPU; on the CPU a pool of threads runs the programs");
      return signalPassFailure();
    }
    if (!plan.getPersistent())
      return;
    tile::RolesOp roles;
    func.walk([&](tile::RolesOp op) { roles = op; });
    auto forall = roles ? dyn_cast<scf::ForallOp>(roles->getParentOp()) : scf::ForallOp();
    if (!forall || forall.getRank() != 3) {
      func.emitOpError("expects roles in an scf.forall over batch, head and query tile; run tile-specialize-roles first");
      return signalPassFailure();
    }
    if (failed(ProgramLooper(func, plan, forall, roles).run()))
      return signalPassFailure();
    remark::passed(func.getLoc(), remark::RemarkOpts::name("persistent").category("tile-loop-programs"))
        << (plan.getDynamic() ? "a block runs many programs and draws its last ones, " : "a block runs many programs, ")
        << (func->hasAttr(tile::kHeavyFirstAttr) ? "heavy ones first" : "the tiles of a head in order");
  }
};
} // namespace
