// tile-split-ranges: cuts the key/value range of a query tile into absent, full and partial blocks. The closed forms
// are those of attn/Analysis/BlockMask.h, or of MaskRanges.h where there is a mask region, emitted here as index
// arithmetic because lengths are launch arguments.
#include "attn/Transforms/Passes.h"

#include "BlockTable.h"

#include "attn/Analysis/BlockMask.h"
#include "attn/Analysis/MaskRanges.h"
#include "attn/Dialect/Tile/IR/KernelAttributes.h"
#include "attn/Dialect/Tile/IR/Layouts.h"
#include "attn/Dialect/Tile/IR/Tile.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Remarks.h"
#include "llvm/Support/MathExtras.h"

namespace mlir::attn {
#define GEN_PASS_DEF_TILESPLITRANGES
#include "attn/Transforms/Passes.h.inc"
} // namespace mlir::attn

using namespace mlir;
using namespace mlir::attn;

namespace {
using Ranges = ::attn::analysis::BandRanges<IndexOperations>;
using ::attn::analysis::MaskRanges;

/// Emits the ranges of one loop and rewrites it to visit them.
class RangeSplitter {
public:
  RangeSplitter(tile::BandMaskOp mask, scf::ForOp loop, arith::MulIOp keyRow, tile::PlanAttr plan)
      : mask(mask), region(mask.getScores().getDefiningOp<tile::RegionMaskOp>()), loop(loop), keyRow(keyRow),
        plan(plan), ascending(plan && plan.getAscending()), b(loop), loc(mask.getLoc()), ops{b, loc, {}} {}

  /// Returns whether key blocks are found in a table.
  bool run();

private:
  void splitByBand();
  bool splitByRegion();
  void visit(const std::vector<RegionRanges::Blocks> &ranges);
  void visit(tile::TabulateOp table);
  void guardMask(const Ranges::Full &full);
  void guardMask(const std::vector<RegionRanges::Keys> &forbidden, Value fullEnd);
  void branch(Value isFull);
  /// Rows that are masked alike.
  struct Rows {
    ::attn::analysis::TiledBand band; ///< with their number
    Value query, first;               ///< the first one, as a query, and in the tile: null for all of the tile
  };
  Rows tileRows() { return {band, mask.getQuery(), Value()}; }
  Rows ownRows();
  void endWithOwnRows(const Ranges::Visited &all, const Rows &own);
  Value fullKeys(const Rows &rows);
  void report(StringRef how);
  void reportSharedEnds();

  tile::BandMaskOp mask;
  tile::RegionMaskOp region; ///< null without a mask region
  scf::ForOp loop;
  arith::MulIOp keyRow;
  tile::PlanAttr plan; ///< null where none was chosen
  bool ascending;      ///< from the first block to the last
  OpBuilder b;
  Location loc;
  IndexOperations ops;
  ::attn::analysis::TiledBand band;
};
} // namespace

bool RangeSplitter::run() {
  int64_t columns = cast<RankedTensorType>(mask.getScores().getType()).getDimSize(1);
  band = {mask.getRowsOfHead(), columns, mask.getLower(), mask.getUpper()};
  bool hasTable = region && splitByRegion();
  if (!region)
    splitByBand();
  reportSharedEnds();
  return hasTable;
}

void RangeSplitter::report(StringRef how) {
  remark::passed(region ? region.getLoc() : loc, remark::RemarkOpts::name("ranges").category("tile-split-ranges")) << how;
}

/// Where the plan asks for ends of warpgroups' own in vain.
void RangeSplitter::reportSharedEnds() {
  if (plan && plan.getOwnEnds() && plan.getWarpgroups() > 1 && !loop.getUpperBound().getDefiningOp<tile::OwnBoundOp>())
    remark::missed(loc, remark::RemarkOpts::name("own-ends").category("tile-split-ranges"))
        << (Twine("all warpgroups visit the blocks of their query tile: ") +
            (region ? "its ranges are those of a mask region" : "no warpgroup has rows of one head for itself")).str();
}

void RangeSplitter::splitByBand() {
  Ranges::Visited visited = Ranges(ops, band, mask.getQuery(), mask.getDiagonal(), mask.getKeyCount()).visited();
  visit({{visited.first, visited.count}});
  Rows own = ownRows();
  if (own.first && plan.getOwnEnds())
    endWithOwnRows(visited, own);
  guardMask(Ranges(ops, own.band, own.query, mask.getDiagonal(), fullKeys(own)).full());
  report("absent, full and partial key blocks follow in closed form from the band and the lengths");
}

bool RangeSplitter::splitByRegion() {
  Block &body = region.getBody().front();
  Value leading[] = {region.getBatch(), region.getHead(), region.getQuery(), region.getKey()};
  ops.outside.map(body.getArguments().take_front(4), leading);
  ops.outside.map(body.getArguments().drop_front(4), region.getCaptures());
  MaskRanges ranges = MaskRanges::derive(body, band, region.getSorted().value_or(ArrayRef<int64_t>()));
  RegionRanges emitted(ops, ranges, mask.getQuery(), mask.getDiagonal(), mask.getKeyCount());
  std::vector<RegionRanges::Blocks> visited = emitted.visited();
  std::vector<RegionRanges::Keys> forbidden = emitted.forbidden();
  for (RegionRanges::Keys &range : forbidden) // an empty one begins behind all keys, so that one comparison clears it
    range.begin = ops.selectAtMost(range.end, range.begin, mask.getKeyCount(), range.begin);
  Value fullEnd = fullKeys(tileRows());
  std::string why;
  if (ranges.outcome() == MaskRanges::Outcome::Visited) {
    BlockTable table = emitBlockTable(ops, region, mask, band, {visited, forbidden, fullEnd});
    if (table.table) {
      visit(table.table);
      report("key blocks are found in a table, made once for each query tile from bounds of the mask region: " + ranges.why());
      return true;
    }
    why = table.why;
  }
  visit(visited);
  guardMask(forbidden, fullEnd);
  if (ranges.outcome() == MaskRanges::Outcome::Searched)
    report(("absent, full and partial key blocks are searched in sorted buffers, once for each query tile, in " +
            Twine(visited.size()) + (visited.size() == 1 ? " range" : " ranges")).str());
  else if (ranges.outcome() == MaskRanges::Outcome::Derived)
    report(("absent, full and partial key blocks are derived in closed form from the mask region, the band and the "
            "lengths, in " + Twine(visited.size()) + (visited.size() == 1 ? " range" : " ranges")).str());
  else
    report("key blocks are visited where the mask region is not derived: " + ranges.why() +
           "; and a table of them would not skip any: " + why);
  return false;
}

/// The loop counts over all ranges together; the block number is a chain of selections, linear in each range.
void RangeSplitter::visit(const std::vector<RegionRanges::Blocks> &ranges) {
  Value total = ranges.empty() ? ops.constant(0) : ranges.front().count;
  SmallVector<Value> ends, shifts;
  for (auto [first, count] : ranges) {
    shifts.push_back(ends.empty() ? first : ops.sub(first, total));
    ends.push_back(total = ends.empty() ? count : ops.add(total, count));
  }
  // From the last block to the first: under a causal mask the partial blocks then come before the full ones.
  Value begin = ascending ? ops.constant(0) : ops.sub(total, ops.constant(1));
  if (ranges.size() == 1)
    begin = ops.add(shifts.front(), begin);
  loop.setUpperBound(total);
  b.setInsertionPoint(keyRow);
  Value block = ascending ? ops.add(begin, loop.getInductionVar()) : ops.sub(begin, loop.getInductionVar());
  if (ranges.size() > 1) {
    Value shift = shifts.back();
    for (size_t i = ranges.size() - 1; i-- > 0;)
      shift = ops.selectGreater(ends[i], block, shifts[i], shift);
    block = ops.add(block, shift);
  }
  keyRow->replaceUsesOfWith(loop.getInductionVar(), block);
}

/// The loop counts over the present blocks of a table, in the same order.
void RangeSplitter::visit(tile::TabulateOp table) {
  Value total = tile::CountBlocksOp::create(b, loc, table);
  Value last = ops.sub(total, ops.constant(1));
  loop.setUpperBound(total);
  b.setInsertionPoint(keyRow);
  Value number = ascending ? loop.getInductionVar() : ops.sub(last, loop.getInductionVar());
  Value block = tile::FindBlockOp::create(b, loc, table, number);
  keyRow->replaceUsesOfWith(loop.getInductionVar(), block);
  b.setInsertionPoint(region);
  branch(tile::IsFullBlockOp::create(b, loc, table, block));
}

/// The rows of a warpgroup, where they are queries of one head; else those of the tile.
RangeSplitter::Rows RangeSplitter::ownRows() {
  b.setInsertionPoint(loop);
  if (!plan || !plan.isGpu() || band.rows != plan.getQueryTile() || band.rows == tile::kWarpgroupRows)
    return tileRows();
  Rows own{band, Value(), tile::OwnRowOp::create(b, loc)};
  own.band.rows = tile::kWarpgroupRows;
  own.query = ops.add(mask.getQuery(), own.first);
  return own;
}

/// Bounds the loop by the blocks that the rows of a warpgroup visit: none, where no row of them is stored.
void RangeSplitter::endWithOwnRows(const Ranges::Visited &all, const Rows &own) {
  Ranges::Visited visited = Ranges(ops, own.band, own.query, mask.getDiagonal(), mask.getKeyCount()).visited();
  Value end = ops.sub(ops.add(visited.first, visited.count), all.first);
  auto stores = loop->getBlock()->getOps<tile::StoreOp>(); // all of the same rows
  if (!stores.empty()) {
    tile::StoreOp store = *stores.begin();
    Value rows = store.getEnd() ? store.getEnd() : memref::DimOp::create(b, loc, store.getTarget(), 2).getResult();
    end = ops.selectGreater(rows, ops.add(store.getRow(), own.first), end, ops.constant(0));
  }
  int64_t fewer = band.lower || band.upper ? llvm::divideCeil(band.rows - tile::kWarpgroupRows, band.columns) : 0;
  loop.setUpperBound(tile::OwnBoundOp::create(b, loc, end, loop.getUpperBound(), fewer));
}

/// The keys below which a block can be full: none where rows reach beyond the last query, which needs the mask.
Value RangeSplitter::fullKeys(const Rows &rows) {
  if (!mask.getQueryCount())
    return mask.getKeyCount();
  Value end = ops.add(rows.query, rows.band.rows);
  return ops.selectAtMost(end, mask.getQueryCount(), mask.getKeyCount(), ops.constant(0));
}

void RangeSplitter::guardMask(const Ranges::Full &full) {
  b.setInsertionPoint(mask);
  Value end = ops.add(mask.getKey(), band.columns);
  Value isFull = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::sle, end, full.end);
  if (full.begin) {
    Value inside = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::sge, mask.getKey(), *full.begin);
    isFull = arith::AndIOp::create(b, loc, isFull, inside);
  }
  branch(isFull);
}

void RangeSplitter::guardMask(const std::vector<RegionRanges::Keys> &forbidden, Value fullEnd) {
  b.setInsertionPoint(region);
  Value end = ops.add(mask.getKey(), band.columns);
  auto atMost = [&](Value left, Value right) -> Value {
    return arith::CmpIOp::create(b, loc, arith::CmpIPredicate::sle, left, right);
  };
  Value isFull = atMost(end, fullEnd);
  for (const RegionRanges::Keys &range : forbidden) {
    Value apart = arith::OrIOp::create(b, loc, atMost(range.end, mask.getKey()), atMost(end, range.begin));
    isFull = arith::AndIOp::create(b, loc, isFull, apart);
  }
  branch(isFull);
}

/// Moves the masks into a branch that full blocks skip.
void RangeSplitter::branch(Value isFull) {
  auto branch = scf::IfOp::create(b, loc, TypeRange{mask.getType()}, isFull, /*withElseRegion=*/true);
  mask.getResult().replaceAllUsesWith(branch.getResult(0));
  OpBuilder thenBuilder = branch.getThenBodyBuilder(), elseBuilder = branch.getElseBodyBuilder();
  scf::YieldOp::create(thenBuilder, loc, region ? region.getScores() : mask.getScores());
  auto yield = scf::YieldOp::create(elseBuilder, loc, mask.getResult());
  mask->moveBefore(yield);
  if (region)
    region->moveBefore(mask);
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
      bool hasRegion = mask.getScores().getDefiningOp<tile::RegionMaskOp>() != nullptr;
      if (hasRegion)
        getOperation()->setAttr(tile::kGlobalFirstAttr, UnitAttr::get(&getContext()));
      auto plan = getOperation()->getAttrOfType<tile::PlanAttr>(tile::kPlanAttr);
      bool hasTable = RangeSplitter(mask, loop, keyRow, plan).run();
      // The keys of a table may lie anywhere, so caches hold those of a few heads only.
      if (hasRegion && !hasTable && plan && plan.getResidency() > 1)
        getOperation()->setAttr(tile::kHeadsTogetherAttr, UnitAttr::get(&getContext()));
      return WalkResult::advance();
    });
    if (result.wasInterrupted())
      signalPassFailure();
  }
};
} // namespace
