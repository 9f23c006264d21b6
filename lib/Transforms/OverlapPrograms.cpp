// tile-overlap-programs: carries what is left of a program when its loop over keys is over, the *rest*, into the next round of
// the loop over programs. The rest is the product of the last weights with the values, and the end: all that follows it. So
// the first scores of a program are made while the end of the one before divides and stores.
//
//   for each program                            for each program, carrying the rest of the one before
//     if it has blocks                            if it has blocks
//       issue, await the first scores               if there is a rest: issue its product and the first scores, await the
//       ... the loop over keys ...                    first of the two, its end, await the scores
//       issue, await the last product               else issue, await the first scores
//     the end                                       ... the loop over keys ...; it leaves its own rest
//                                                 else its end, over nothing; the rest stays
//                                               the rest of the last one
//
// It runs behind tile-loop-programs, whose form it knows, and ahead of tile-lower-rings: a product moves with its waits and
// releases as they stand on rings. Counts are taken from the next program's base, which is where the one before ended.
#include "attn/Transforms/Passes.h"

#include "ProgramRest.h"
#include "RingUse.h"

#include "attn/Dialect/Tile/IR/KernelAttributes.h"
#include "attn/Dialect/Tile/IR/Tile.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/Remarks.h"
#include "llvm/ADT/SetVector.h"

namespace mlir::attn {
#define GEN_PASS_DEF_TILEOVERLAPPROGRAMS
#include "attn/Transforms/Passes.h.inc"
} // namespace mlir::attn

using namespace mlir;
using namespace mlir::attn;

namespace {
/// A product with what it does on the ring of its right operand, all in one block.
struct Product {
  RingUse use;
  tile::IssueMmaOp issue;
  tile::AwaitOp await;

  static std::optional<Product> of(tile::IssueMmaOp issue);
  Value getRing() { return use.slot.getRing(); }
  /// Issues it on the tile of `count`.
  Value start(OpBuilder &b, Value count, Value left, Value acc);
  Value finish(OpBuilder &b, Value pending, Value count);
  void erase();
};

/// The rest of a program moves into the next round.
class ConsumerRest {
public:
  explicit ConsumerRest(RoleLoop loop) : loop(loop), b(loop.op()), loc(loop.loc()) {}
  /// Whether the loop has the form that is known.
  bool analyse();
  void run();

private:
  bool findProducts();
  bool findEnd();
  /// Puts `values` in the place of what the end reads.
  IRMapping mapSources(ValueRange values);
  /// Clones the part of the end that does not need the last product, or the part that does.
  void cloneEnd(IRMapping &mapping, bool early);
  void finishRest(Value base, ValueRange carried, function_ref<void()> besides);
  Value emitScores(Value hasRest, ValueRange carried);
  scf::IfOp leaveRest(ValueRange carried);
  void move(unsigned count);

  RoleLoop loop;
  OpBuilder b;
  Location loc;
  scf::IfOp branch; ///< of programs with blocks
  Product first, last;
  tile::WaitFullOp waitForQueries;
  unsigned accResult = 0; ///< which result of the branch is the accumulator
  unsigned base = 0;      ///< which value that the loop carries counts the tiles of values
  SmallVector<Operation *> end;
  llvm::SmallPtrSet<Operation *, 16> early; ///< of the end: what does not need the last product
  SmallVector<Value> results, others; ///< what the end reads: of the branch but the accumulator, and of the program
};
} // namespace

std::optional<Product> Product::of(tile::IssueMmaOp issue) {
  std::optional<RingUse> use = RingUse::of(issue.getB(), issue->getBlock());
  auto await = issue->hasOneUse() ? dyn_cast<tile::AwaitOp>(*issue->user_begin()) : tile::AwaitOp();
  if (!use || !await || await->getBlock() != issue->getBlock())
    return std::nullopt;
  return Product{*use, issue, await};
}

Value Product::start(OpBuilder &b, Value count, Value left, Value acc) {
  Location loc = issue->getLoc();
  tile::WaitFullOp::create(b, loc, getRing(), count);
  Value tile = tile::SlotOp::create(b, loc, issue.getB().getType(), getRing(), count);
  return tile::IssueMmaOp::create(b, loc, issue.getType(), left, tile, acc, issue.getBeside(), issue.getTransposeB());
}

Value Product::finish(OpBuilder &b, Value pending, Value count) {
  Value tile = createAwait(b, pending);
  tile::ReleaseOp::create(b, issue->getLoc(), getRing(), count);
  return tile;
}

void Product::erase() {
  for (Operation *op : {use.release.getOperation(), await.getOperation(), issue.getOperation(), use.slot.getOperation(), use.wait.getOperation()})
    op->erase();
}

bool ConsumerRest::findProducts() {
  for (auto found : loop.body()->getOps<scf::IfOp>()) {
    if (found.thenBlock()->getOps<tile::IssueMmaOp>().empty())
      continue;
    if (branch || !found.elseBlock())
      return false;
    branch = found;
  }
  if (!branch)
    return false;
  SmallVector<tile::IssueMmaOp> issues(branch.thenBlock()->getOps<tile::IssueMmaOp>());
  if (issues.size() != 2 || issues[0].getAcc() || !issues[1].getAcc())
    return false;
  std::optional<Product> ofFirst = Product::of(issues[0]), ofLast = Product::of(issues[1]);
  auto queries = issues[0].getA().getDefiningOp<tile::SlotOp>();
  if (!ofFirst || !ofLast || !queries || queries->getBlock() != loop.body() || !ofLast->await->hasOneUse() ||
      *ofLast->await->user_begin() != branch.thenYield())
    return false;
  first = *ofFirst, last = *ofLast;
  accResult = last.await->use_begin()->getOperandNumber();
  for (Operation *user : queries.getRing().getUsers())
    if (auto wait = dyn_cast<tile::WaitFullOp>(user); wait && wait->getBlock() == loop.body())
      waitForQueries = wait;
  std::optional<unsigned> found = loop.findBase(last.use.wait.getCount());
  base = found.value_or(0);
  // The first scores move to the start of the branch.
  bool isKnown = !branch.getThenRegion().isAncestor(first.use.wait.getCount().getParentRegion());
  return waitForQueries && found && isKnown && !loop.holds(last.getRing());
}

/// The end is what follows the branch and neither counts the tiles of rings nor receives the next program's number.
bool ConsumerRest::findEnd() {
  llvm::SmallPtrSet<Operation *, 16> counting, inEnd;
  for (auto receive : loop.body()->getOps<tile::ReceiveOp>())
    for (Operation *user : receive.getRing().getUsers())
      if (user->getBlock() == loop.body())
        counting.insert(user);
  for (Operation &op : llvm::reverse(*loop.body())) {
    if (&op == branch)
      break;
    bool counts = &op == loop.yield() || counting.contains(&op) ||
                  llvm::any_of(op.getUsers(), [&](Operation *user) { return counting.contains(user); });
    if (counts)
      counting.insert(&op);
    else
      end.insert(end.begin(), &op), inEnd.insert(&op);
  }
  if (llvm::any_of(branch->getUsers(), [&](Operation *user) { return !inEnd.contains(loop.body()->findAncestorOpInBlock(*user)); }))
    return false;
  llvm::SetVector<Value> reads;
  Value acc = branch.getResult(accResult);
  for (Operation *op : end) {
    bool needsProduct = op->getNumRegions() != 0 || !isMemoryEffectFree(op);
    op->walk([&](Operation *inner) {
      for (Value operand : inner->getOperands()) {
        Operation *source = operand.getDefiningOp();
        bool ofEnd = llvm::any_of(end, [&](Operation *each) { return source && each->isAncestor(source); });
        needsProduct |= operand == acc || (ofEnd && source->getBlock() == loop.body() && !early.contains(source));
        if (operand == acc || ofEnd || !loop.holds(operand))
          continue;
        if (matchPattern(operand, m_Constant()))
          source->moveBefore(loop.op());
        else
          reads.insert(operand);
      }
    });
    if (!needsProduct)
      early.insert(op);
  }
  for (Value value : reads)
    (value.getDefiningOp() == branch ? results : others).push_back(value);
  return true;
}

bool ConsumerRest::analyse() { return findProducts() && findEnd(); }

IRMapping ConsumerRest::mapSources(ValueRange values) {
  IRMapping mapping;
  mapping.map(ValueRange(results), values.take_front(results.size()));
  mapping.map(ValueRange(others), values.drop_front(results.size()));
  return mapping;
}

void ConsumerRest::cloneEnd(IRMapping &mapping, bool ofEarly) {
  for (Operation *op : end)
    if (early.contains(op) == ofEarly)
      b.clone(*op, mapping);
}

/// The rest of the program before: `carried` is its accumulator, its weights and what its end reads. `besides` runs
/// between the issue of the product and the wait for it.
void ConsumerRest::finishRest(Value next, ValueRange carried, function_ref<void()> besides) {
  Value count = countBefore(b, loc, next, last.getRing());
  Value pending = last.start(b, count, carried[1], carried[0]);
  IRMapping mapping = mapSources(carried.drop_front(2));
  cloneEnd(mapping, /*ofEarly=*/true);
  besides();
  mapping.map(branch.getResult(accResult), last.finish(b, pending, count));
  cloneEnd(mapping, /*ofEarly=*/false);
}

/// The first scores of a program with blocks, beside the rest of the one before if there is one.
Value ConsumerRest::emitScores(Value hasRest, ValueRange carried) {
  Value count = first.use.wait.getCount(), queries = first.issue.getA();
  b.setInsertionPointToStart(branch.thenBlock());
  auto scores = scf::IfOp::create(b, loc, first.await.getType(), hasRest, /*withElseRegion=*/true);
  b.setInsertionPointToStart(scores.thenBlock());
  Value pending;
  finishRest(loop.carried()[base], carried, [&] {
    b.clone(*waitForQueries);
    pending = first.start(b, count, queries, Value());
  });
  scf::YieldOp::create(b, loc, first.finish(b, pending, count));
  b.setInsertionPointToStart(scores.elseBlock());
  b.clone(*waitForQueries);
  scf::YieldOp::create(b, loc, first.finish(b, first.start(b, count, queries, Value()), count));
  return scores.getResult(0);
}

/// The branch of programs with blocks leaves their rest; a program without blocks ends at once.
scf::IfOp ConsumerRest::leaveRest(ValueRange carried) {
  SmallVector<Value> rest{last.issue.getAcc(), last.issue.getA()};
  for (Value result : results)
    rest.push_back(branch.thenYield().getOperand(cast<OpResult>(result).getResultNumber()));
  llvm::append_range(rest, others);
  auto leaving = scf::IfOp::create(b, loc, ValueRange(rest).getTypes(), branch.getCondition(), /*withElseRegion=*/true);
  IRMapping mapping;
  mapping.map(branch.getResults(), branch.elseYield().getOperands());
  b.setInsertionPointToStart(branch.elseBlock());
  b.clone(*waitForQueries);
  b.setInsertionPoint(branch.elseYield());
  for (Operation *op : end)
    b.clone(*op, mapping);
  auto replace = [&](Block *from, Block *to, ValueRange values) {
    from->getTerminator()->erase();
    to->getOperations().splice(to->begin(), from->getOperations());
    b.setInsertionPointToEnd(to);
    scf::YieldOp::create(b, loc, values);
  };
  replace(branch.thenBlock(), leaving.thenBlock(), rest);
  replace(branch.elseBlock(), leaving.elseBlock(), carried);
  return leaving;
}

void ConsumerRest::run() {
  SmallVector<Type> types{b.getI1Type(), last.issue.getAcc().getType(), last.issue.getA().getType()};
  llvm::append_range(types, ValueRange(results).getTypes());
  llvm::append_range(types, ValueRange(others).getTypes());
  ConsumerRest longer(loop.carryMore(b, types));
  bool same = longer.analyse();
  assert(same && "carrying values changes no form");
  (void)same;
  longer.move(types.size());
}

void ConsumerRest::move(unsigned count) {
  ValueRange arguments = loop.carried().take_back(count);
  Value hasRest = arguments.front();
  ValueRange carried = arguments.drop_front();
  first.await.replaceAllUsesWith(emitScores(hasRest, carried));
  first.erase();
  b.setInsertionPoint(branch);
  Value hasBlocks = branch.getCondition();
  scf::IfOp leaving = leaveRest(carried);
  waitForQueries->erase();

  Operation *yield = loop.yield();
  b.setInsertionPoint(yield);
  SmallVector<Value> next{arith::OrIOp::create(b, loc, hasRest, hasBlocks)};
  llvm::append_range(next, leaving.getResults());
  yield->setOperands(yield->getNumOperands() - count, count, next);

  ValueRange left = loop.results().take_back(count);
  b.setInsertionPointAfter(loop.op());
  auto isLeft = scf::IfOp::create(b, loc, left.front(), /*withElseRegion=*/false);
  b.setInsertionPointToStart(isLeft.thenBlock());
  finishRest(loop.results()[base], left.drop_front(), [] {});
  last.erase();
  for (Operation *op : llvm::reverse(end))
    op->erase();
  branch->erase();
}

namespace {
struct OverlapPrograms : attn::impl::TileOverlapProgramsBase<OverlapPrograms> {
  void runOnOperation() override {
    func::FuncOp func = getOperation();
    auto plan = func->getAttrOfType<tile::PlanAttr>(tile::kPlanAttr);
    if (!plan || !plan.getOverlapPrograms())
      return;
    auto options = remark::RemarkOpts::name("overlap-programs").category("tile-overlap-programs");
    tile::RolesOp roles;
    func.walk([&](tile::RolesOp op) { roles = op; });
    auto consumer = roles ? RoleLoop::find(roles.getConsumer().front()) : std::nullopt;
    auto producer = roles ? RoleLoop::find(roles.getProducer().front()) : std::nullopt;
    if (!consumer || !producer) {
      func.emitOpError("expects a loop over programs in each role; run tile-loop-programs first");
      return signalPassFailure();
    }
    ConsumerRest rest(*consumer);
    if (!rest.analyse()) {
      remark::missed(func.getLoc(), options) << "a program is not one loop over keys between two products; programs run one after another";
      return;
    }
    rest.run();
    bool inOrder = loadInOrderOfPrograms(*producer);
    StringRef order = inOrder ? "before" : "behind";
    remark::passed(func.getLoc(), options)
        << ("a program ends under the first scores of the next one, whose queries are loaded " + order + " its last values").str();
  }
};
} // namespace
