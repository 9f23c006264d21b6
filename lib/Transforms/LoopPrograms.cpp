// tile-loop-programs: makes a kernel persistent. Each role loops over the programs of its block by itself, so the producer
// loads for the next program while the consumers finish this one. Counts of rings go on from program to program: each
// becomes a base, carried around the loop, plus the count within the program. The order of programs is decided here too.
//
// It runs when the loop over keys has its final form, whose counts it need not understand, and before counts become slots
// and parities, which it would have to take apart.
#include "attn/Transforms/Passes.h"

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

/// Bytes of keys and values that a section of heads may have: what the level-2 cache keeps beside other traffic.
static constexpr int64_t sectionBytes = 32 << 20;

namespace {
/// Index arithmetic, folded where it can be.
struct Indices {
  OpBuilder &b;
  Location loc;

  Value constant(int64_t value) { return arith::ConstantIndexOp::create(b, loc, value); }
  Value add(Value left, Value right) { return b.createOrFold<arith::AddIOp>(loc, left, right); }
  Value sub(Value left, Value right) { return b.createOrFold<arith::SubIOp>(loc, left, right); }
  Value mul(Value left, Value right) { return b.createOrFold<arith::MulIOp>(loc, left, right); }
  Value divide(Value left, Value right) { return b.createOrFold<arith::DivUIOp>(loc, left, right); }
  Value remainder(Value left, Value right) { return b.createOrFold<arith::RemUIOp>(loc, left, right); }
  Value min(Value left, Value right) { return arith::MinSIOp::create(b, loc, left, right); }
  Value max(Value left, Value right) { return arith::MaxSIOp::create(b, loc, left, right); }
};

/// What number a program has. Light programs last: where later query tiles have more work, the programs of a section of
/// heads go from the last tile to the first, all heads of a tile together.
class ProgramOrder {
public:
  ProgramOrder(OpBuilder &b, scf::ForallOp forall, bool heavyFirst) : heavyFirst(heavyFirst) {
    Indices ops{b, forall.getLoc()};
    SmallVector<Value> bounds = forall.getUpperBound(b);
    heads = bounds[1], tiles = bounds[2];
    allHeads = ops.mul(bounds[0], heads);
    programs = ops.mul(allHeads, tiles);
  }

  /// Sets how many heads share the cache, from the tensors that all programs of a head read.
  void addSections(OpBuilder &b, Location loc, ArrayRef<Value> tensors, int64_t headsPerGroup);
  Value count() const { return programs; }

  struct Program {
    Value batch, head, tile;
  };
  Program at(OpBuilder &b, Location loc, Value number) const;

private:
  bool heavyFirst;
  Value heads, tiles, allHeads, programs, sectionHeads, sectionPrograms;
};
} // namespace

void ProgramOrder::addSections(OpBuilder &b, Location loc, ArrayRef<Value> tensors, int64_t headsPerGroup) {
  if (!heavyFirst)
    return;
  Indices ops{b, loc};
  int64_t rowBytes = 0;
  for (Value tensor : tensors) {
    auto type = cast<MemRefType>(tensor.getType());
    rowBytes += type.getDimSize(3) * type.getElementTypeBitWidth() / 8;
  }
  Value rows = memref::DimOp::create(b, loc, tensors.front(), 2);
  Value fitting = ops.divide(ops.constant(sectionBytes / rowBytes * headsPerGroup), ops.max(rows, ops.constant(1)));
  sectionHeads = ops.min(ops.max(fitting, ops.constant(1)), ops.max(allHeads, ops.constant(1)));
  sectionPrograms = ops.mul(sectionHeads, tiles);
}

ProgramOrder::Program ProgramOrder::at(OpBuilder &b, Location loc, Value number) const {
  Indices ops{b, loc};
  Value head, tile;
  if (!heavyFirst) {
    head = ops.divide(number, tiles);
    tile = ops.remainder(number, tiles);
  } else {
    Value section = ops.divide(number, sectionPrograms), first = ops.mul(section, sectionHeads);
    Value inSection = ops.sub(number, ops.mul(section, sectionPrograms));
    Value width = ops.min(sectionHeads, ops.sub(allHeads, first));
    Value fromLast = ops.divide(inSection, width);
    head = ops.add(first, ops.sub(inSection, ops.mul(fromLast, width)));
    tile = ops.sub(ops.sub(tiles, ops.constant(1)), fromLast);
  }
  return {ops.divide(head, heads), ops.remainder(head, heads), tile};
}

namespace {
class ProgramLooper {
public:
  ProgramLooper(func::FuncOp func, scf::ForallOp forall, tile::RolesOp roles)
      : func(func), forall(forall), roles(roles), b(forall), loc(forall.getLoc()),
        heavyFirst(func->hasAttr(tile::kHeavyFirstAttr)), order(b, forall, heavyFirst) {}

  LogicalResult run();

private:
  LogicalResult countPuts();
  LogicalResult countPut(tile::PutOp put);
  void releaseWholeRings();
  void deepenWholeRings();
  void loopRole(Block &role);
  Value emitNumber(Value linear, Value shift);
  void addBases(Block &role, ArrayRef<Value> bases);

  func::FuncOp func;
  scf::ForallOp forall;
  tile::RolesOp roles;
  OpBuilder b;
  Location loc;
  bool heavyFirst;
  ProgramOrder order;
  Value first, step, zero;
  /// Rings with one number of tiles a program and one number of stages have one base.
  struct Count {
    Value tiles; ///< of one program; null for one
    int64_t stages;
    SmallVector<tile::AllocRingOp, 2> rings;
  };
  SmallVector<Count> counts;
  SmallVector<Value> streamed; ///< tensors that a program reads a block after another
};
} // namespace

/// Notes how many tiles a ring gets from one program.
LogicalResult ProgramLooper::countPut(tile::PutOp put) {
  auto ring = put.getRing().getDefiningOp<tile::AllocRingOp>();
  auto loop = dyn_cast<scf::ForOp>(put->getParentOp());
  bool whole = put->getParentOp() == roles;
  bool known = loop && loop->getParentOp() == roles && put.getCount() == loop.getInductionVar() &&
               !roles->isProperAncestor(loop.getUpperBound().getParentBlock()->getParentOp());
  if (!ring || (!whole && !known))
    return put.emitOpError("expects to stand in the producer, or in a loop there whose bound the consumers share");
  int64_t puts = llvm::count_if(ring->getUsers(), [](Operation *user) { return isa<tile::PutOp>(user); });
  if (puts != 1)
    return ring.emitOpError("expects one put, got ") << puts;
  Value tiles = whole ? Value() : loop.getUpperBound();
  int64_t stages = cast<tile::RingType>(ring.getType()).getStages();
  if (!whole)
    streamed.push_back(put.getSource());
  for (Count &count : counts)
    if (count.tiles == tiles && count.stages == stages)
      return count.rings.push_back(ring), success();
  counts.push_back({tiles, stages, {ring}});
  return success();
}

LogicalResult ProgramLooper::countPuts() {
  WalkResult result = roles.getProducer().walk(
      [&](tile::PutOp put) { return failed(countPut(put)) ? WalkResult::interrupt() : WalkResult::advance(); });
  if (result.wasInterrupted())
    return failure();
  // A bound below zero means no tiles, and so it must in the sum of tiles.
  b.setInsertionPoint(roles);
  for (Count &count : counts) {
    if (!count.tiles)
      continue;
    Value clamped = arith::MaxSIOp::create(b, loc, count.tiles, arith::ConstantIndexOp::create(b, loc, 0));
    count.tiles.replaceUsesWithIf(clamped, [&](OpOperand &use) { return roles->isProperAncestor(use.getOwner()); });
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
  for (Count &count : counts)
    for (tile::AllocRingOp ring : count.rings) {
      auto type = cast<tile::RingType>(ring.getType());
      bytes += type.getBytes();
      more += count.tiles ? 0 : type.getBytes();
    }
  if (bytes + more > ::attn::target::hopper.sharedBytesPerBlock)
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

/// Programs are dealt in rounds. Where they get lighter, every other whole round is dealt from the other end, or the first
/// block would get the heaviest of each round.
Value ProgramLooper::emitNumber(Value linear, Value shift) {
  if (!shift)
    return linear;
  Indices ops{b, loc};
  Value end = ops.add(ops.sub(linear, first), step);
  Value whole = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::sle, end, order.count());
  return arith::SelectOp::create(b, loc, whole, ops.add(linear, shift), linear);
}

/// Adds its ring's base to the count of every operation on a ring.
void ProgramLooper::addBases(Block &role, ArrayRef<Value> bases) {
  for (auto [count, base] : llvm::zip(counts, bases))
    for (tile::AllocRingOp ring : count.rings)
      for (Operation *user : ring->getUsers()) {
        if (!role.getParent()->isAncestor(user->getParentRegion()))
          continue;
        OpOperand &operand = user->getOpOperand(isa<tile::PutOp>(user) ? 2 : 1);
        OpBuilder at(user);
        operand.set(at.createOrFold<arith::AddIOp>(user->getLoc(), base, operand.get()));
      }
}

void ProgramLooper::loopRole(Block &role) {
  b.setInsertionPointToStart(&role);
  SmallVector<Value> inits(counts.size() + (heavyFirst ? 1 : 0), zero);
  auto loop = scf::ForOp::create(b, loc, first, order.count(), step, inits);
  Block *body = loop.getBody();
  if (body->mightHaveTerminator())
    body->getTerminator()->erase();
  b.setInsertionPointToStart(body);
  ValueRange carried = loop.getRegionIterArgs();
  Value shift = heavyFirst ? carried.back() : Value();
  ProgramOrder::Program program = order.at(b, loc, emitNumber(loop.getInductionVar(), shift));
  IRMapping mapping;
  mapping.map(forall.getInductionVars(), ValueRange{program.batch, program.head, program.tile});
  for (Operation &op : forall.getBody()->without_terminator())
    if (&op != roles && !isa<tile::AllocRingOp>(op))
      b.clone(op, mapping);
  body->getOperations().splice(body->end(), role.getOperations(), std::next(Block::iterator(loop)),
                               std::prev(role.end()));
  body->walk([&](Operation *op) {
    for (OpOperand &operand : op->getOpOperands())
      operand.set(mapping.lookupOrDefault(operand.get()));
  });
  addBases(role, SmallVector<Value>(carried.take_front(counts.size())));
  b.setInsertionPointToEnd(body);
  Indices ops{b, loc};
  SmallVector<Value> next;
  for (auto [count, base] : llvm::zip(counts, carried)) {
    // Slot and phase repeat after two rounds of a ring; reduced, a base cannot overflow.
    Value tiles = count.tiles ? mapping.lookupOrDefault(count.tiles) : ops.constant(1);
    next.push_back(ops.remainder(ops.add(base, tiles), ops.constant(2 * count.stages)));
  }
  if (shift) {
    Value mirrored = ops.sub(ops.sub(step, ops.constant(1)), ops.mul(first, ops.constant(2)));
    next.push_back(ops.sub(mirrored, shift));
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
  auto groups = func->getAttrOfType<IntegerAttr>(tile::kHeadsPerGroupAttr);
  order.addSections(b, loc, streamed, groups ? groups.getInt() : 1);
  zero = arith::ConstantIndexOp::create(b, loc, 0);
  first = gpu::BlockIdOp::create(b, loc, gpu::Dimension::x);
  step = gpu::GridDimOp::create(b, loc, gpu::Dimension::x);
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
    if (failed(ProgramLooper(func, forall, roles).run()))
      return signalPassFailure();
    remark::passed(func.getLoc(), remark::RemarkOpts::name("persistent").category("tile-loop-programs"))
        << (func->hasAttr(tile::kHeavyFirstAttr) ? "a block runs many programs, heavy ones first"
                                                 : "a block runs many programs, the tiles of a head in order");
  }
};
} // namespace
