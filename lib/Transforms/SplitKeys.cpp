// tile-split-keys: lets the blocks of a cluster share the keys of a program (Flash-Decoding's split over keys), so that a program
// with far more keys than others is not what a launch ends with. Each block visits a part of the key blocks; the first merges the
// parts' softmax states and stores the result.
#include "attn/Transforms/Passes.h"

#include "attn/Dialect/Tile/IR/KernelAttributes.h"
#include "attn/Dialect/Tile/IR/Tile.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/Remarks.h"
#include "llvm/Support/FormatVariadic.h"

namespace mlir::attn {
#define GEN_PASS_DEF_TILESPLITKEYS
#include "attn/Transforms/Passes.h.inc"
} // namespace mlir::attn

using namespace mlir;
using namespace mlir::attn;

namespace {
/// Splits the one loop over keys of a kernel.
class KeySplitter {
public:
  KeySplitter(tile::SoftmaxFinishOp finish, scf::ForOp loop)
      : finish(finish), loop(loop), b(loop), loc(loop.getLoc()), part(tile::PartOp::create(b, loc)) {}

  void run() {
    visitPart();
    mergeParts();
    storeOnce();
  }

private:
  template <typename Op, typename... Args> Value make(Args... args) { return Op::create(b, loc, args...); }
  Value index(int64_t value) { return make<arith::ConstantIndexOp>(value); }
  void visitPart();
  void mergeParts();
  void storeOnce();

  tile::SoftmaxFinishOp finish;
  scf::ForOp loop;
  OpBuilder b;
  Location loc;
  tile::PartOp part;
};
} // namespace

/// Parts are equal shares of the counter's range, the last ones smaller or empty.
void KeySplitter::visitPart() {
  Value all = make<arith::MaxSIOp>(loop.getUpperBound(), index(0));
  Value rounded = make<arith::AddIOp>(all, make<arith::SubIOp>(part.getCount(), index(1)));
  Value share = make<arith::DivUIOp>(rounded, part.getCount());
  Value first = make<arith::MinSIOp>(make<arith::MulIOp>(part.getNumber(), share), all);
  loop.setUpperBound(make<arith::MinSIOp>(share, make<arith::SubIOp>(all, first)));
  b.setInsertionPointToStart(loop.getBody());
  auto counter = arith::AddIOp::create(b, loc, loop.getInductionVar(), first);
  loop.getInductionVar().replaceAllUsesExcept(counter, counter);
}

void KeySplitter::mergeParts() {
  b.setInsertionPoint(finish);
  auto merged = tile::MergePartsOp::create(b, loc, finish.getAcc(), finish.getRowMax(), finish.getRowSum(), part.getNumber(),
                                           part.getCount(), finish.getScaleAttr());
  finish.getAccMutable().assign(merged.getAccOut());
  finish.getRowMaxMutable().assign(merged.getRowMaxOut());
  finish.getRowSumMutable().assign(merged.getRowSumOut());
}

/// The blocks behind the first have no rows to store.
void KeySplitter::storeOnce() {
  for (tile::StoreOp store : loop->getBlock()->getOps<tile::StoreOp>()) {
    b.setInsertionPoint(store);
    Value end = store.getEnd() ? store.getEnd() : make<memref::DimOp>(store.getTarget(), index(2));
    Value isFirst = make<arith::CmpIOp>(arith::CmpIPredicate::eq, part.getNumber(), index(0));
    store.getEndMutable().assign(make<arith::SelectOp>(isFirst, end, index(0)));
  }
}

namespace {
struct SplitKeys : mlir::attn::impl::TileSplitKeysBase<SplitKeys> {
  void runOnOperation() override {
    func::FuncOp func = getOperation();
    auto plan = func->getAttrOfType<tile::PlanAttr>(tile::kPlanAttr);
    if (!plan || plan.getSplit() == 1)
      return;
    WalkResult result = func.walk([&](tile::SoftmaxFinishOp finish) {
      // Where nobody has a key, the loop is gone, and every block stores the same.
      if (matchPattern(finish.getAcc(), m_Constant()))
        return WalkResult::advance();
      auto loop = finish.getAcc().getDefiningOp<scf::ForOp>();
      if (!loop || loop->getBlock() != finish->getBlock()) {
        finish.emitOpError("expects the state of a loop over key blocks that stands beside it");
        return WalkResult::interrupt();
      }
      KeySplitter(finish, loop).run();
      return WalkResult::advance();
    });
    if (result.wasInterrupted())
      return signalPassFailure();
    remark::passed(func.getLoc(), remark::RemarkOpts::name("split").category("tile-split-keys"))
        << llvm::formatv("{0}{1} blocks share the keys of {2}", plan.getLeastPart() > 0 ? "up to " : "", plan.getSplit(),
                         func->hasAttr(tile::kGlobalFirstAttr) ? "the first query tile of every head" : "a query tile").str();
  }
};
} // namespace
