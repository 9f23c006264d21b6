// tile-split-ranges: cuts the key/value range of a query tile into absent, full and partial blocks. The closed forms
// are those of attn/Analysis/BlockMask.h, emitted here as index arithmetic because lengths are launch arguments.
#include "attn/Transforms/Passes.h"

#include "attn/Analysis/BlockMask.h"
#include "attn/Dialect/Tile/IR/KernelAttributes.h"
#include "attn/Dialect/Tile/IR/Tile.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/Remarks.h"

namespace mlir::attn {
#define GEN_PASS_DEF_TILESPLITRANGES
#include "attn/Transforms/Passes.h.inc"
} // namespace mlir::attn

using namespace mlir;
using namespace mlir::attn;

namespace {
/// The arithmetic of BandRanges as index operations.
struct IndexOperations {
  using Value = mlir::Value;
  OpBuilder &b;
  Location loc;

  Value constant(int64_t value) { return arith::ConstantIndexOp::create(b, loc, value); }
  Value add(Value left, Value right) { return b.createOrFold<arith::AddIOp>(loc, left, right); }
  Value add(Value left, int64_t right) { return right == 0 ? left : add(left, constant(right)); }
  Value sub(Value left, Value right) { return b.createOrFold<arith::SubIOp>(loc, left, right); }
  Value max(Value left, Value right) { return arith::MaxSIOp::create(b, loc, left, right); }
  Value min(Value left, Value right) { return arith::MinSIOp::create(b, loc, left, right); }
  Value divide(Value value, int64_t by) { return b.createOrFold<arith::DivUIOp>(loc, value, constant(by)); }
  Value selectGreater(Value left, Value right, Value yes, Value no) {
    Value greater = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::sgt, left, right);
    return arith::SelectOp::create(b, loc, greater, yes, no);
  }
};

using Ranges = ::attn::analysis::BandRanges<IndexOperations>;

/// Emits the ranges of one loop and rewrites it to visit them.
class RangeSplitter {
public:
  RangeSplitter(tile::BandMaskOp mask, scf::ForOp loop, arith::MulIOp keyRow)
      : mask(mask), loop(loop), keyRow(keyRow), b(loop), loc(mask.getLoc()), ops{b, loc} {}

  void run() {
    auto type = cast<RankedTensorType>(mask.getScores().getType());
    columns = type.getDimSize(1);
    Ranges ranges(ops, {type.getDimSize(0), columns, mask.getLower(), mask.getUpper()}, mask.getQuery(), mask.getDiagonal(),
                  mask.getKeyCount());
    rewriteLoop(ranges.visited(), ranges.full());
  }

private:
  void rewriteLoop(const Ranges::Visited &visited, const Ranges::Full &full);
  void guardMask(const Ranges::Full &full);

  tile::BandMaskOp mask;
  scf::ForOp loop;
  arith::MulIOp keyRow;
  OpBuilder b;
  Location loc;
  IndexOperations ops;
  int64_t columns = 0;
};
} // namespace

void RangeSplitter::rewriteLoop(const Ranges::Visited &visited, const Ranges::Full &full) {
  Value lastBlock = ops.add(visited.first, ops.sub(visited.count, ops.constant(1)));
  loop.setUpperBound(visited.count);
  b.setInsertionPoint(keyRow);
  // From the last block to the first: under a causal mask the partial blocks then come before the full ones.
  Value block = ops.sub(lastBlock, loop.getInductionVar());
  keyRow->replaceUsesOfWith(loop.getInductionVar(), block);
  guardMask(full);
}

void RangeSplitter::guardMask(const Ranges::Full &full) {
  b.setInsertionPoint(mask);
  Value end = ops.add(mask.getKey(), columns);
  Value isFull = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::sle, end, full.end);
  if (full.begin) {
    Value inside = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::sge, mask.getKey(), *full.begin);
    isFull = arith::AndIOp::create(b, loc, isFull, inside);
  }
  auto branch = scf::IfOp::create(b, loc, TypeRange{mask.getType()}, isFull, /*withElseRegion=*/true);
  mask.getResult().replaceAllUsesWith(branch.getResult(0));
  OpBuilder thenBuilder = branch.getThenBodyBuilder(), elseBuilder = branch.getElseBodyBuilder();
  scf::YieldOp::create(thenBuilder, loc, mask.getScores());
  auto yield = scf::YieldOp::create(elseBuilder, loc, mask.getResult());
  mask->moveBefore(yield);
}

namespace {
struct SplitRanges : mlir::attn::impl::TileSplitRangesBase<SplitRanges> {
  void runOnOperation() override {
    WalkResult result = getOperation().walk([&](tile::BandMaskOp mask) {
      auto loop = dyn_cast<scf::ForOp>(mask->getParentOp());
      auto keyRow = mask.getKey().getDefiningOp<arith::MulIOp>();
      if (!loop || !keyRow || keyRow.getLhs() != loop.getInductionVar()) {
        mask.emitOpError("expects to stand in a loop over key blocks, with key = block * tile");
        return WalkResult::interrupt();
      }
      if (mask.getUpper())
        getOperation()->setAttr(tile::kHeavyFirstAttr, UnitAttr::get(&getContext()));
      RangeSplitter(mask, loop, keyRow).run();
      remark::passed(mask.getLoc(), remark::RemarkOpts::name("ranges").category("tile-split-ranges"))
          << "absent, full and partial key blocks follow in closed form from the band and the lengths";
      return WalkResult::advance();
    });
    if (result.wasInterrupted())
      signalPassFailure();
  }
};
} // namespace
