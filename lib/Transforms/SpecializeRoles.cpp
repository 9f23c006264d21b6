// tile-specialize-roles: constructs the producer. The loads of a kernel and the loops they stand in are known, so they are
// copied into a role of their own, which runs ahead of the consumers as far as its rings reach.
#include "attn/Transforms/Passes.h"

#include "attn/Analysis/PlanCost.h"
#include "attn/Dialect/Tile/IR/KernelAttributes.h"
#include "attn/Dialect/Tile/IR/Tile.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/IRMapping.h"

namespace mlir::attn {
#define GEN_PASS_DEF_TILESPECIALIZEROLES
#include "attn/Transforms/Passes.h.inc"
} // namespace mlir::attn

using namespace mlir;
using namespace mlir::attn;

/// Index arithmetic that either role may repeat: no effects, no regions but those of tables, no tiles.
static bool isScalar(Operation *op) {
  auto isScalarType = [](Type type) { return type.isIntOrIndexOrFloat() || isa<tile::BlockTableType>(type); };
  auto isTile = [](Type type) { return isa<RankedTensorType, tile::PartialType>(type); };
  return (op->getNumRegions() == 0 || isa<tile::TabulateOp>(op)) && op->getNumResults() > 0 && isMemoryEffectFree(op) &&
         llvm::all_of(op->getResultTypes(), isScalarType) && llvm::none_of(op->getOperandTypes(), isTile);
}

static bool holdsLoad(Operation *op) {
  return op->walk([](tile::LoadOp) { return WalkResult::interrupt(); }).wasInterrupted();
}

namespace {
/// Splits the body of one scf.forall.
class RoleBuilder {
public:
  RoleBuilder(scf::ForallOp forall, tile::PlanAttr plan) : forall(forall), plan(plan), b(forall), loc(forall.getLoc()) {}

  LogicalResult run();

private:
  /// How many puts to its ring precede a load: the loop's counter, or zero outside a loop.
  FailureOr<Value> getCount(tile::LoadOp load);
  LogicalResult allocateRings();
  ::attn::analysis::ProducerWork producerWork();
  LogicalResult emitProducer(Block &from, OpBuilder &to, IRMapping &mapping);
  LogicalResult emitProducerLoop(scf::ForOp loop, OpBuilder &to, IRMapping &mapping);
  void consume(tile::LoadOp load);
  void findOwn();
  void giveBackUnread(scf::ForOp loop);

  scf::ForallOp forall;
  tile::PlanAttr plan;
  OpBuilder b;
  Location loc;
  Value zero;
  struct Ring {
    Value ring, count;
  };
  llvm::MapVector<Operation *, Ring> rings; ///< by load
  llvm::SmallPtrSet<Operation *, 8> own; ///< scalars that a warpgroup has for itself, which the producer does not know
};
} // namespace

FailureOr<Value> RoleBuilder::getCount(tile::LoadOp load) {
  if (load->getParentOp() == forall)
    return zero;
  auto loop = dyn_cast<scf::ForOp>(load->getParentOp());
  auto isConstant = [](Value value, int64_t expected) { return getConstantIntValue(value) == expected; };
  if (!loop || loop->getParentOp() != forall || !isConstant(loop.getLowerBound(), 0) || !isConstant(loop.getStep(), 1))
    return load.emitOpError("expects to stand in the kernel's body or in a loop from 0 by 1 there, so that its loads "
                            "can be counted"),
           failure();
  return Value(loop.getInductionVar());
}

LogicalResult RoleBuilder::allocateRings() {
  WalkResult result = forall.walk([&](tile::LoadOp load) {
    FailureOr<Value> count = getCount(load);
    auto slot = dyn_cast<tile::SharedType>(load.getType());
    if (succeeded(count) && !slot)
      load.emitOpError("expects a tile in shared memory; run tile-assign-layouts first");
    if (failed(count) || !slot)
      return WalkResult::interrupt();
    int64_t stages = *count == zero ? 1 : plan.getStages();
    auto type = tile::RingType::get(b.getContext(), stages, slot);
    rings[load] = {tile::AllocRingOp::create(b, load.getLoc(), type, IntegerAttr()), *count};
    return WalkResult::advance();
  });
  return failure(result.wasInterrupted());
}

LogicalResult RoleBuilder::emitProducerLoop(scf::ForOp loop, OpBuilder &to, IRMapping &mapping) {
  Value end = loop.getUpperBound();
  if (auto bound = end.getDefiningOp<tile::OwnBoundOp>())
    end = bound.getWhole();
  auto copy = scf::ForOp::create(to, loop.getLoc(), mapping.lookupOrDefault(loop.getLowerBound()), mapping.lookupOrDefault(end),
                                 mapping.lookupOrDefault(loop.getStep()));
  mapping.map(loop.getInductionVar(), copy.getInductionVar());
  OpBuilder inner = OpBuilder::atBlockTerminator(copy.getBody());
  return emitProducer(*loop.getBody(), inner, mapping);
}

LogicalResult RoleBuilder::emitProducer(Block &from, OpBuilder &to, IRMapping &mapping) {
  for (Operation &op : from) {
    if (auto load = dyn_cast<tile::LoadOp>(op)) {
      Ring &ring = rings[load];
      auto mapped = [&](Value value) { return mapping.lookupOrDefault(value); };
      tile::PutOp::create(to, load.getLoc(), load.getSource(), ring.ring, mapped(ring.count), mapped(load.getBatch()),
                          mapped(load.getHead()), mapped(load.getRow()),
                          load.getEnd() ? mapped(load.getEnd()) : Value(), IntegerAttr(), load.getPacked());
    } else if (auto loop = dyn_cast<scf::ForOp>(op); loop && holdsLoad(loop)) {
      if (failed(emitProducerLoop(loop, to, mapping)))
        return failure();
    } else if (&from != forall.getBody() && isScalar(&op) && !own.contains(&op)) {
      bool carried = llvm::any_of(op.getOperands(), [&](Value operand) {
        auto argument = dyn_cast<BlockArgument>(operand);
        return argument && argument.getOwner() == &from && !mapping.contains(argument);
      });
      if (!carried) // a value that depends on the softmax state cannot steer a load
        to.clone(op, mapping);
    } else if (holdsLoad(&op)) {
      return op.emitOpError("holds a load, and the producer cannot run it");
    }
  }
  return success();
}

/// Turns a load into waiting for the producer's; in a loop, gives the slot back after its last use.
void RoleBuilder::consume(tile::LoadOp load) {
  Ring &ring = rings[load];
  Block *block = load->getBlock();
  Operation *first = nullptr, *last = nullptr;
  for (Operation *user : load->getUsers()) {
    Operation *ancestor = block->findAncestorOpInBlock(*user);
    first = !first || ancestor->isBeforeInBlock(first) ? ancestor : first;
    last = !last || last->isBeforeInBlock(ancestor) ? ancestor : last;
  }
  b.setInsertionPoint(first ? first : load);
  tile::WaitFullOp::create(b, loc, ring.ring, ring.count);
  Value slot = tile::SlotOp::create(b, loc, load.getType(), ring.ring, ring.count);
  load.getResult().replaceAllUsesWith(slot);
  if (ring.count != zero) {
    b.setInsertionPointAfter(last ? last : slot.getDefiningOp());
    tile::ReleaseOp::create(b, loc, ring.ring, ring.count);
  }
  load.erase();
}

/// Finds what follows from a warpgroup's rows by index arithmetic.
void RoleBuilder::findOwn() {
  forall.walk<WalkOrder::PreOrder>([&](Operation *op) {
    bool follows = llvm::any_of(op->getOperands(), [&](Value operand) { return own.contains(operand.getDefiningOp()); });
    if (isa<tile::OwnRowOp, tile::OwnBoundOp>(op) || (follows && isScalar(op)))
      own.insert(op);
  });
}

/// Waits for the blocks that a warpgroup does not visit, and gives them back, behind all else that it does in a program.
void RoleBuilder::giveBackUnread(scf::ForOp loop) {
  auto bound = loop.getUpperBound().getDefiningOp<tile::OwnBoundOp>();
  if (!bound)
    return;
  scf::ForOp::create(b, loc, bound, bound.getWhole(), loop.getStep(), ValueRange(), [&](OpBuilder &body, Location, Value block, ValueRange) {
    for (const Ring &ring : llvm::make_second_range(rings))
      if (ring.count == loop.getInductionVar()) {
        tile::WaitFullOp::create(body, loc, ring.ring, block);
        Type slot = cast<tile::RingType>(ring.ring.getType()).getSlot();
        tile::SkipOp::create(body, loc, tile::SlotOp::create(body, loc, slot, ring.ring, block));
        tile::ReleaseOp::create(body, loc, ring.ring, block);
      }
    scf::YieldOp::create(body, loc);
  });
}

::attn::analysis::ProducerWork RoleBuilder::producerWork() {
  using Work = ::attn::analysis::ProducerWork;
  if (!forall.getOps<tile::TabulateOp>().empty())
    return Work::Tabulates;
  if (!forall.getOps<tile::ElementOp>().empty())
    return Work::Reads;
  return plan.getDynamic() ? Work::Draws : Work::Counts;
}

LogicalResult RoleBuilder::run() {
  b.setInsertionPointToStart(forall.getBody());
  zero = arith::ConstantIndexOp::create(b, loc, 0);
  if (failed(allocateRings()))
    return failure();
  b.setInsertionPoint(forall.getTerminator());
  auto [producerRegisters, consumerRegisters] =
      ::attn::analysis::shareRegisters(plan.getWarpgroups(), plan.getResidency(), producerWork());
  auto roles = tile::RolesOp::create(b, loc, plan.getWarpgroups(), producerRegisters, consumerRegisters);
  for (Region *region : {&roles.getProducer(), &roles.getConsumer()}) {
    OpBuilder::InsertionGuard guard(b);
    b.createBlock(region);
    tile::EndOp::create(b, loc);
  }
  findOwn();
  IRMapping mapping;
  OpBuilder producer = OpBuilder::atBlockTerminator(&roles.getProducer().front());
  if (failed(emitProducer(*forall.getBody(), producer, mapping)))
    return failure();
  Operation *end = roles.getConsumer().front().getTerminator();
  for (Operation &op : llvm::make_early_inc_range(forall.getBody()->without_terminator()))
    if (&op != roles && (!isScalar(&op) || own.contains(&op)) && !isa<tile::AllocRingOp>(op))
      op.moveBefore(end);
  b.setInsertionPoint(end);
  for (auto loop : llvm::to_vector(roles.getConsumer().getOps<scf::ForOp>()))
    giveBackUnread(loop);
  for (Operation *load : llvm::to_vector(llvm::make_first_range(rings)))
    consume(cast<tile::LoadOp>(load));
  return success();
}

namespace {
struct SpecializeRoles : mlir::attn::impl::TileSpecializeRolesBase<SpecializeRoles> {
  void runOnOperation() override {
    auto plan = getOperation()->getAttrOfType<tile::PlanAttr>(tile::kPlanAttr);
    if (!plan || !plan.isGpu()) {
      getOperation().emitOpError("expects a plan for a GPU; the CPU path has no roles");
      return signalPassFailure();
    }
    WalkResult result = getOperation().walk([&](scf::ForallOp forall) {
      return failed(RoleBuilder(forall, plan).run()) ? WalkResult::interrupt() : WalkResult::advance();
    });
    if (result.wasInterrupted())
      signalPassFailure();
  }
};
} // namespace
