// tile-split-ranges: cuts the key/value range of a query tile into absent, full and partial blocks. The formulas are those
// of lib/Analysis/BlockMask.h, emitted here as index arithmetic because lengths are launch arguments.
#include "attn/Transforms/Passes.h"

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
/// Emits the ranges of one loop and rewrites it to visit them.
class RangeSplitter {
public:
  RangeSplitter(tile::BandMaskOp mask, scf::ForOp loop, arith::MulIOp keyRow)
      : mask(mask), loop(loop), keyRow(keyRow), b(loop), loc(mask.getLoc()) {
    auto type = cast<RankedTensorType>(mask.getScores().getType());
    rows = type.getDimSize(0), columns = type.getDimSize(1);
  }

  void run() {
    emitVisitedRange();
    emitFullRange();
    rewriteLoop();
    guardMask();
  }

private:
  Value index(int64_t value) { return arith::ConstantIndexOp::create(b, loc, value); }
  Value add(Value left, Value right) { return b.createOrFold<arith::AddIOp>(loc, left, right); }
  Value add(Value left, int64_t right) { return right == 0 ? left : add(left, index(right)); }
  Value sub(Value left, Value right) { return b.createOrFold<arith::SubIOp>(loc, left, right); }
  Value max(Value left, Value right) { return arith::MaxSIOp::create(b, loc, left, right); }
  Value min(Value left, Value right) { return arith::MinSIOp::create(b, loc, left, right); }
  /// Blocks before a key that is not negative.
  Value blocksBefore(Value key) { return b.createOrFold<arith::DivUIOp>(loc, key, index(columns)); }

  void emitVisitedRange();
  void emitFullRange();
  void rewriteLoop();
  void guardMask();

  tile::BandMaskOp mask;
  scf::ForOp loop;
  arith::MulIOp keyRow;
  OpBuilder b;
  Location loc;
  int64_t rows, columns;
  Value first, count;        ///< blocks with any allowed pair
  Value fullBegin, fullEnd;  ///< keys between which every pair is allowed; fullBegin is null when unbounded
};
} // namespace

void RangeSplitter::emitVisitedRange() {
  Value start = add(mask.getQuery(), mask.getDiagonal()); // the diagonal's key in the tile's first row
  Value begin = index(0), end = mask.getKeyCount();
  if (std::optional<int64_t> lower = mask.getLower())
    begin = max(begin, add(start, *lower));
  if (std::optional<int64_t> upper = mask.getUpper())
    end = max(index(0), min(end, add(start, rows + *upper)));
  first = blocksBefore(begin);
  Value last = blocksBefore(add(end, columns - 1));
  // An empty range may still start inside a block: begin and end decide, not their blocks.
  Value any = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::sgt, end, begin);
  count = arith::SelectOp::create(b, loc, any, sub(last, first), index(0));
}

void RangeSplitter::emitFullRange() {
  Value start = add(mask.getQuery(), mask.getDiagonal());
  fullEnd = mask.getKeyCount();
  if (std::optional<int64_t> lower = mask.getLower())
    fullBegin = add(start, rows - 1 + *lower);
  if (std::optional<int64_t> upper = mask.getUpper())
    fullEnd = min(fullEnd, add(start, *upper + 1));
}

void RangeSplitter::rewriteLoop() {
  Value lastBlock = add(first, sub(count, index(1)));
  loop.setUpperBound(count);
  b.setInsertionPoint(keyRow);
  // From the last block to the first: under a causal mask the partial blocks then come before the full ones.
  Value block = sub(lastBlock, loop.getInductionVar());
  keyRow->replaceUsesOfWith(loop.getInductionVar(), block);
}

void RangeSplitter::guardMask() {
  b.setInsertionPoint(mask);
  Value end = add(mask.getKey(), columns);
  Value full = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::sle, end, fullEnd);
  if (fullBegin) {
    Value inside = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::sge, mask.getKey(), fullBegin);
    full = arith::AndIOp::create(b, loc, full, inside);
  }
  auto branch = scf::IfOp::create(b, loc, TypeRange{mask.getType()}, full, /*withElseRegion=*/true);
  mask.getResult().replaceAllUsesWith(branch.getResult(0));
  OpBuilder thenBuilder = branch.getThenBodyBuilder(), elseBuilder = branch.getElseBodyBuilder();
  scf::YieldOp::create(thenBuilder, loc, mask.getScores());
  auto yield = scf::YieldOp::create(elseBuilder, loc, mask.getResult());
  mask->moveBefore(yield);
}

namespace {
struct SplitRanges : attn::impl::TileSplitRangesBase<SplitRanges> {
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
