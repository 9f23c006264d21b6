// tile-overlap-loop: splits products into issue and await, and rotates the key/value loop so that one product is always in
// flight under the softmax (FlashAttention-3, arXiv 2407.08608, section 3.2, "intra-warpgroup pipelining").
//
// A loop body falls into three groups. *Back*: the accumulating product with its ring operations. *Late*: what only the
// back reads (the packed weights, the rescaled accumulator). *Front*: all else, with the product of scores. The rotated
// loop runs the front of block i with the back of block i-1; the late group of block i comes after the back of i-1, since
// the weights of i-1 must keep their registers until their product is done. Neither dropout nor exponentials are part of the late
// group: they are long, and their results take no register that what they are made from does not have.
#include "attn/Transforms/Passes.h"

#include "RingUse.h"

#include "attn/Dialect/Tile/IR/KernelAttributes.h"
#include "attn/Dialect/Tile/IR/Tile.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Remarks.h"

namespace mlir::attn {
#define GEN_PASS_DEF_TILEOVERLAPLOOP
#include "attn/Transforms/Passes.h.inc"
} // namespace mlir::attn

using namespace mlir;
using namespace mlir::attn;

/// Starts the product of `mma`, its operands mapped.
static Value issue(OpBuilder &b, tile::MmaOp mma, const IRMapping &mapping) {
  auto mapped = [&](Value value) { return value ? mapping.lookupOrDefault(value) : value; };
  auto pending = tile::PendingType::get(b.getContext(), cast<RankedTensorType>(mma.getType()));
  return tile::IssueMmaOp::create(b, mma.getLoc(), pending, mapped(mma.getA()), mapped(mma.getB()),
                                  mapped(mma.getAcc()), mapped(mma.getBeside()), mma.getTransposeB());
}

namespace {
/// Rotates one loop by one block.
class Rotation {
public:
  Rotation(scf::ForOp loop, tile::PlanAttr plan)
      : loop(loop), plan(plan), b(loop), loc(loop.getLoc()), body(loop.getBody()) {}

  /// Whether the loop has the shape that can be rotated; fills the groups.
  bool analyse();
  void run();
  void rotateProducer();

private:
  bool isBack(Operation *op) const {
    return op == backMma || op == backRing.wait || op == backRing.slot || op == backRing.release;
  }
  bool isRingWait(Operation *op) const { return op == frontRing.wait; }
  void groupOperations();
  Value index(int64_t value) { return arith::ConstantIndexOp::create(b, loc, value); }
  Value offset(Value count, int64_t by) { return arith::AddIOp::create(b, loc, count, index(by)); }
  Value mapIteration(IRMapping &mapping, Value count, ValueRange state);
  Value issueBack(Value count, IRMapping &mapping);
  void waitNextFront(Value count);
  void cloneFront(IRMapping &mapping, function_ref<void()> afterIssue);
  void cloneLate(IRMapping &mapping);
  SmallVector<Value> carried(IRMapping &mapping);
  bool hasEarlyWeights();
  scf::ForOp emitSteadyLoop(ValueRange inits);
  SmallVector<Value> emitRotated();

  scf::ForOp loop;
  tile::PlanAttr plan;
  OpBuilder b;
  Location loc;
  Block *body;
  tile::MmaOp frontMma, backMma;
  RingUse frontRing, backRing;
  unsigned accIndex = 0;
  SmallVector<Operation *> front, late;
};
} // namespace

bool Rotation::analyse() {
  auto isConstant = [](Value value, int64_t expected) { return getConstantIntValue(value) == expected; };
  if (!isConstant(loop.getLowerBound(), 0) || !isConstant(loop.getStep(), 1))
    return false;
  for (tile::MmaOp mma : body->getOps<tile::MmaOp>()) {
    tile::MmaOp &place = mma.getAcc() ? backMma : frontMma;
    if (place)
      return false;
    place = mma;
  }
  if (!frontMma || !backMma || !backMma->hasOneUse() || backMma->use_begin()->getOwner() != body->getTerminator())
    return false;
  accIndex = backMma->use_begin()->getOperandNumber();
  std::optional<RingUse> ofFront = RingUse::of(frontMma.getB(), body), ofBack = RingUse::of(backMma.getB(), body);
  if (!ofFront || !ofBack)
    return false;
  frontRing = *ofFront, backRing = *ofBack;
  groupOperations();
  if (llvm::is_contained(late, frontMma))
    return false;
  // The accumulator of the previous block is known only when the back is done: nothing in the front may read it.
  return llvm::all_of(loop.getRegionIterArg(accIndex).getUsers(), [&](Operation *user) {
    return user == backMma || llvm::is_contained(late, body->findAncestorOpInBlock(*user));
  });
}

void Rotation::groupOperations() {
  llvm::SmallPtrSet<Operation *, 16> lateSet;
  for (Operation &op : llvm::reverse(body->without_terminator())) {
    bool onlyBackReads = op.getNumResults() > 0 && !op.use_empty() && isMemoryEffectFree(&op) &&
                         llvm::all_of(op.getUsers(), [&](Operation *user) {
                           return user == backMma || lateSet.contains(body->findAncestorOpInBlock(*user));
                         });
    if (onlyBackReads && !isBack(&op) && !isa<arith::SelectOp, math::Exp2Op>(op))
      lateSet.insert(&op);
  }
  for (Operation &op : body->without_terminator())
    if (!isBack(&op))
      (lateSet.contains(&op) ? late : front).push_back(&op);
}

/// Maps the loop's counter and state for one iteration and returns the counter.
Value Rotation::mapIteration(IRMapping &mapping, Value count, ValueRange state) {
  mapping.map(loop.getInductionVar(), count);
  mapping.map(loop.getRegionIterArgs(), state);
  return count;
}

/// Issues the back product of block `count`; its late operands are in the mapping.
Value Rotation::issueBack(Value count, IRMapping &mapping) {
  IRMapping ring = mapping;
  ring.map(loop.getInductionVar(), count);
  b.clone(*backRing.wait, ring);
  b.clone(*backRing.slot, ring);
  return issue(b, backMma, ring);
}

void Rotation::waitNextFront(Value count) {
  Value next = offset(count, 1);
  Value more = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::slt, next, loop.getUpperBound());
  scf::IfOp::create(b, loc, more, [&](OpBuilder &nested, Location) {
    IRMapping mapping;
    mapping.map(loop.getInductionVar(), next);
    nested.clone(*frontRing.wait, mapping);
    scf::YieldOp::create(nested, loc);
  });
}

/// Clones the front without its wait; `afterIssue` runs between the issue of the scores and the wait for them.
void Rotation::cloneFront(IRMapping &mapping, function_ref<void()> afterIssue) {
  for (Operation *op : front) {
    if (isRingWait(op))
      continue;
    if (op != frontMma) {
      b.clone(*op, mapping);
      continue;
    }
    Value pending = issue(b, frontMma, mapping);
    afterIssue();
    mapping.map(frontMma.getResult(), createAwait(b, pending));
  }
}

void Rotation::cloneLate(IRMapping &mapping) {
  for (Operation *op : late)
    b.clone(*op, mapping);
}

/// What the next iteration needs: the state with the rescaled accumulator in the accumulator's place, and the weights.
SmallVector<Value> Rotation::carried(IRMapping &mapping) {
  SmallVector<Value> values;
  for (auto [i, value] : llvm::enumerate(body->getTerminator()->getOperands()))
    values.push_back(mapping.lookupOrDefault(i == accIndex ? backMma.getAcc() : value));
  values.push_back(mapping.lookupOrDefault(backMma.getA()));
  return values;
}

/// Whether the weights are rounded in the front, while the product before still reads the last ones.
bool Rotation::hasEarlyWeights() {
  Value weights = backMma.getA();
  if (auto convert = weights.getDefiningOp<tile::ConvertLayoutOp>())
    weights = convert.getSource();
  return llvm::is_contained(front, weights.getDefiningOp());
}

scf::ForOp Rotation::emitSteadyLoop(ValueRange inits) {
  return scf::ForOp::create(
      b, loc, index(1), loop.getUpperBound(), index(1), inits,
      [&](OpBuilder &nested, Location, Value count, ValueRange state) {
        OpBuilder::InsertionGuard guard(b);
        b.setInsertionPoint(nested.getInsertionBlock(), nested.getInsertionPoint());
        IRMapping mapping, previous;
        mapIteration(mapping, count, state.drop_back());
        previous.map(backMma.getAcc(), state[accIndex]);
        previous.map(backMma.getA(), state.back());
        Value before = offset(count, -1), backPending;
        if (plan.getPingPong())
          tile::TurnOp::create(b, loc, /*take=*/true);
        cloneFront(mapping, [&] {
          backPending = issueBack(before, previous);
          if (plan.getPingPong())
            tile::TurnOp::create(b, loc, /*take=*/false);
        });
        // Besides saving time, this wait is a block boundary that keeps ptxas from moving the await below it upwards.
        // With one slot a producer that fills the back's before the next front's needs the release first.
        bool oneSlot = cast<tile::RingType>(backRing.slot.getRing().getType()).getStages() == 1 && !plan.getKeysFirst();
        if (!oneSlot)
          waitNextFront(count);
        mapping.map(loop.getRegionIterArg(accIndex), createAwait(b, backPending));
        IRMapping ring;
        ring.map(loop.getInductionVar(), before);
        b.clone(*backRing.release, ring);
        if (oneSlot)
          waitNextFront(count);
        cloneLate(mapping);
        SmallVector<Value> next = carried(mapping);
        if (hasEarlyWeights())
          next.back() = tile::TakeOverOp::create(b, loc, next.back(), state.back());
        scf::YieldOp::create(b, loc, next);
      });
}

/// Emits prologue, loop and epilogue for a loop of at least one block; returns the loop's results.
SmallVector<Value> Rotation::emitRotated() {
  IRMapping mapping;
  Value zero = mapIteration(mapping, index(0), loop.getInitArgs());
  b.clone(*frontRing.wait, mapping);
  cloneFront(mapping, [] {});
  waitNextFront(zero);
  cloneLate(mapping);
  scf::ForOp steady = emitSteadyLoop(carried(mapping));

  IRMapping last;
  last.map(backMma.getAcc(), steady.getResult(accIndex));
  last.map(backMma.getA(), steady.getResults().back());
  Value count = offset(loop.getUpperBound(), -1);
  Value acc = createAwait(b, issueBack(count, last));
  last.map(loop.getInductionVar(), count);
  b.clone(*backRing.release, last);
  SmallVector<Value> results(steady.getResults().drop_back());
  results[accIndex] = acc;
  return results;
}

/// Loads in the order in which the rotated loop uses them: the front's of block i before the back's of block i-1. Otherwise a
/// free slot for the front waits for the back's, which is given back much later. (Where products take long, that wait keeps
/// the warpgroups out of step with one another, which is worth more.)
void Rotation::rotateProducer() {
  auto findPut = [](Value ring) {
    tile::PutOp put;
    for (Operation *user : ring.getUsers())
      if (auto found = dyn_cast<tile::PutOp>(user))
        put = found;
    return put;
  };
  tile::PutOp frontPut = findPut(frontRing.slot.getRing()), backPut = findPut(backRing.slot.getRing());
  auto producer = frontPut ? dyn_cast<scf::ForOp>(frontPut->getParentOp()) : scf::ForOp();
  if (!producer || !backPut || backPut->getParentOp() != producer || producer.getNumResults() != 0 ||
      llvm::range_size(producer.getBody()->getOps<tile::PutOp>()) != 2)
    return;
  auto roles = producer->getParentOfType<tile::RolesOp>();
  Value blocks = producer.getUpperBound();
  if (roles->isProperAncestor(blocks.getParentBlock()->getParentOp()))
    return;
  b.setInsertionPoint(roles);
  Value end = offset(blocks, 1);
  b.setInsertionPoint(producer);
  auto emitPut = [&](OpBuilder &branch, Value block, tile::PutOp without) {
    IRMapping mapping;
    mapping.map(producer.getInductionVar(), block);
    for (Operation &op : producer.getBody()->without_terminator())
      if (&op != without)
        branch.clone(op, mapping);
    scf::YieldOp::create(branch, loc);
  };
  scf::ForOp::create(b, loc, index(0), end, index(1), ValueRange(), [&](OpBuilder &body, Location, Value block, ValueRange) {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPoint(body.getInsertionBlock(), body.getInsertionPoint());
    Value isBlock = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::slt, block, blocks);
    scf::IfOp::create(b, loc, isBlock, [&](OpBuilder &branch, Location) { emitPut(branch, block, backPut); });
    Value before = offset(block, -1);
    Value hasBefore = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::sgt, block, index(0));
    scf::IfOp::create(b, loc, hasBefore, [&](OpBuilder &branch, Location) { emitPut(branch, before, frontPut); });
    scf::YieldOp::create(b, loc);
  });
  producer.erase();
}

void Rotation::run() {
  if (plan.getKeysFirst())
    rotateProducer();
  b.setInsertionPoint(loop);
  Value nonEmpty = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::sgt, loop.getUpperBound(), index(0));
  auto branch = scf::IfOp::create(b, loc, loop.getResultTypes(), nonEmpty, /*withElseRegion=*/true);
  b.setInsertionPointToStart(branch.thenBlock());
  scf::YieldOp::create(b, loc, emitRotated());
  b.setInsertionPointToStart(branch.elseBlock());
  scf::YieldOp::create(b, loc, loop.getInitArgs());
  loop.replaceAllUsesWith(branch.getResults());
  loop.erase();
}

namespace {
struct OverlapLoop : attn::impl::TileOverlapLoopBase<OverlapLoop> {
  void runOnOperation() override {
    func::FuncOp func = getOperation();
    auto plan = func->getAttrOfType<tile::PlanAttr>(tile::kPlanAttr);
    if (!plan || !plan.isGpu()) {
      func.emitOpError("expects a plan for a GPU; the CPU path has no asynchronous products");
      return signalPassFailure();
    }
    if (plan.getOverlap())
      rotateLoops(func, plan);
    func.walk([](tile::MmaOp mma) {
      OpBuilder b(mma);
      mma.replaceAllUsesWith(createAwait(b, issue(b, mma, IRMapping())));
      mma.erase();
    });
  }

  void rotateLoops(func::FuncOp func, tile::PlanAttr plan) {
    auto options = remark::RemarkOpts::name("overlap").category("tile-overlap-loop");
    SmallVector<scf::ForOp> loops;
    func.walk([&](scf::ForOp loop) {
      if (!loop.getBody()->getOps<tile::MmaOp>().empty())
        loops.push_back(loop);
    });
    for (scf::ForOp loop : loops) {
      Rotation rotation(loop, plan);
      if (!rotation.analyse()) {
        remark::missed(loop.getLoc(), options)
            << "the loop is not one product of scores and one accumulating product; products run in place";
        continue;
      }
      rotation.run();
      remark::passed(func.getLoc(), options) << "scores of block i run under the softmax of block i-1";
    }
  }
};
} // namespace
