// tile-split-ranges: cuts the key/value range of a query tile into absent, full and partial blocks. The closed forms
// are those of attn/Analysis/BlockMask.h, or of MaskRanges.h where there is a mask region, emitted here as index
// arithmetic because lengths are launch arguments.
#include "attn/Transforms/Passes.h"

#include "attn/Analysis/BlockMask.h"
#include "attn/Analysis/MaskRanges.h"
#include "attn/Dialect/Tile/IR/KernelAttributes.h"
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
/// The arithmetic of BandRanges and MaskRangesOf as index operations.
struct IndexOperations {
  using Value = mlir::Value;
  OpBuilder &b;
  Location loc;
  IRMapping outside; ///< what stands outside a region for its arguments and for operations already copied

  Value constant(int64_t value) { return arith::ConstantIndexOp::create(b, loc, value); }
  Value add(Value left, Value right) { return b.createOrFold<arith::AddIOp>(loc, left, right); }
  Value add(Value left, int64_t right) { return right == 0 ? left : add(left, constant(right)); }
  Value sub(Value left, Value right) { return b.createOrFold<arith::SubIOp>(loc, left, right); }
  Value max(Value left, Value right) { return arith::MaxSIOp::create(b, loc, left, right); }
  Value min(Value left, Value right) { return arith::MinSIOp::create(b, loc, left, right); }
  Value multiply(Value value, int64_t by) { return b.createOrFold<arith::MulIOp>(loc, value, constant(by)); }
  Value divide(Value value, int64_t by) { return b.createOrFold<arith::DivUIOp>(loc, value, constant(by)); }
  Value selectGreater(Value left, Value right, Value yes, Value no) {
    Value greater = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::sgt, left, right);
    return arith::SelectOp::create(b, loc, greater, yes, no);
  }
  Value selectAtMost(Value left, Value right, Value yes, Value no) { return selectGreater(left, right, no, yes); }
  Value floorDivide(Value value, int64_t by) {
    if (llvm::isPowerOf2_64(by))
      return arith::ShRSIOp::create(b, loc, value, constant(llvm::Log2_64(by)));
    // A division towards zero; a negative dividend is moved so that it rounds down.
    Value moved = selectGreater(constant(0), value, add(value, 1 - by), value);
    return arith::DivSIOp::create(b, loc, moved, constant(by));
  }
  Value symbol(Value value);
  using Atom = ::attn::analysis::TermTable::Atom;
  Value element(const Atom &atom, Value index);
  Value search(const Atom &atom, Value value);
  Value copy(Value value);
  Value load(memref::LoadOp op);
};

using Ranges = ::attn::analysis::BandRanges<IndexOperations>;
using ::attn::analysis::MaskRanges;
using RegionRanges = ::attn::analysis::MaskRangesOf<IndexOperations>;

/// Emits the ranges of one loop and rewrites it to visit them.
class RangeSplitter {
public:
  RangeSplitter(tile::BandMaskOp mask, scf::ForOp loop, arith::MulIOp keyRow)
      : mask(mask), region(mask.getScores().getDefiningOp<tile::RegionMaskOp>()), loop(loop), keyRow(keyRow), b(loop),
        loc(mask.getLoc()), ops{b, loc, {}} {}

  void run();

private:
  void splitByBand();
  void splitByRegion();
  void visit(const std::vector<RegionRanges::Blocks> &ranges);
  void guardMask(const Ranges::Full &full);
  void guardMask(const std::vector<RegionRanges::Keys> &forbidden, Value fullEnd);
  void branch(Value isFull);
  Value fullKeys();
  void report(StringRef how);

  tile::BandMaskOp mask;
  tile::RegionMaskOp region; ///< null without a mask region
  scf::ForOp loop;
  arith::MulIOp keyRow;
  OpBuilder b;
  Location loc;
  IndexOperations ops;
  ::attn::analysis::TiledBand band;
};
} // namespace

/// An element of a captured buffer as regions read it, f16 and bf16 extended.
Value IndexOperations::load(memref::LoadOp op) {
  auto indices = llvm::map_to_vector(op.getIndices(), [&](Value index) { return outside.lookup(index); });
  Type type = op.getType().isInteger(32) ? op.getType() : Type(b.getF32Type());
  return tile::ElementOp::create(b, loc, type, outside.lookup(op.getMemRef()), indices);
}

/// A value of a region that is the same for all pairs of a tile, computed before the loop.
Value IndexOperations::copy(Value value) {
  if (Value known = outside.lookupOrNull(value); known || !value.getDefiningOp())
    return known;
  Operation *op = value.getDefiningOp();
  for (Value operand : op->getOperands())
    copy(operand);
  if (auto element = dyn_cast<memref::LoadOp>(op))
    outside.map(value, load(element));
  else if (isa<arith::ExtFOp>(op) && outside.lookup(op->getOperand(0)).getType() == value.getType())
    outside.map(value, outside.lookup(op->getOperand(0)));
  else
    b.clone(*op, outside);
  return outside.lookup(value);
}

Value IndexOperations::symbol(Value value) {
  Value result = copy(value);
  if (result.getType().isInteger(1))
    return arith::IndexCastUIOp::create(b, loc, b.getIndexType(), result);
  return result.getType().isIndex() ? result : arith::IndexCastOp::create(b, loc, b.getIndexType(), result);
}

/// Rows of a tile beyond the last query may lead behind the buffer, whose last element bounds what they could hold.
Value IndexOperations::element(const Atom &atom, Value index) {
  Value buffer = outside.lookup(atom.symbol);
  auto type = cast<MemRefType>(buffer.getType());
  Value extent = b.createOrFold<memref::DimOp>(loc, buffer, type.getRank() - 1);
  SmallVector<Value> indices = llvm::map_to_vector(atom.leading, [&](Value value) { return symbol(value); });
  indices.push_back(min(index, add(extent, -1)));
  Value loaded = tile::ElementOp::create(b, loc, type.getElementType(), buffer, indices);
  return arith::IndexCastOp::create(b, loc, b.getIndexType(), loaded);
}

Value IndexOperations::search(const Atom &atom, Value value) {
  Value buffer = outside.lookup(atom.symbol);
  Value extent = b.createOrFold<memref::DimOp>(loc, buffer, cast<MemRefType>(buffer.getType()).getRank() - 1);
  SmallVector<Value> leading = llvm::map_to_vector(atom.leading, [&](Value value) { return symbol(value); });
  return tile::SearchOp::create(b, loc, buffer, leading, constant(0), extent, value);
}

void RangeSplitter::run() {
  auto type = cast<RankedTensorType>(mask.getScores().getType());
  band = {type.getDimSize(0), type.getDimSize(1), mask.getLower(), mask.getUpper()};
  if (region)
    splitByRegion();
  else
    splitByBand();
}

void RangeSplitter::report(StringRef how) {
  remark::passed(region ? region.getLoc() : loc, remark::RemarkOpts::name("ranges").category("tile-split-ranges")) << how;
}

void RangeSplitter::splitByBand() {
  Ranges ranges(ops, band, mask.getQuery(), mask.getDiagonal(), mask.getKeyCount());
  Ranges::Visited visited = ranges.visited();
  Ranges::Full full = Ranges(ops, band, mask.getQuery(), mask.getDiagonal(), fullKeys()).full();
  visit({{visited.first, visited.count}});
  guardMask(full);
  report("absent, full and partial key blocks follow in closed form from the band and the lengths");
}

void RangeSplitter::splitByRegion() {
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
  Value fullEnd = fullKeys();
  visit(visited);
  guardMask(forbidden, fullEnd);
  if (ranges.outcome() == MaskRanges::Outcome::Searched)
    report(("absent, full and partial key blocks are searched in sorted buffers, once for each query tile, in " +
            Twine(visited.size()) + (visited.size() == 1 ? " range" : " ranges")).str());
  else if (ranges.outcome() == MaskRanges::Outcome::Derived)
    report(("absent, full and partial key blocks are derived in closed form from the mask region, the band and the "
            "lengths, in " + Twine(visited.size()) + (visited.size() == 1 ? " range" : " ranges")).str());
  else
    report(("key blocks are visited where the mask region is not derived: " + ranges.why()));
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
  Value last = ops.sub(total, ops.constant(1));
  if (ranges.size() == 1)
    last = ops.add(shifts.front(), last);
  loop.setUpperBound(total);
  b.setInsertionPoint(keyRow);
  Value block = ops.sub(last, loop.getInductionVar());
  if (ranges.size() > 1) {
    Value shift = shifts.back();
    for (size_t i = ranges.size() - 1; i-- > 0;)
      shift = ops.selectGreater(ends[i], block, shifts[i], shift);
    block = ops.add(block, shift);
  }
  keyRow->replaceUsesOfWith(loop.getInductionVar(), block);
}

/// The keys below which a block can be full: none where the tile reaches beyond the last query, whose rows need the mask.
Value RangeSplitter::fullKeys() {
  if (!mask.getQueryCount())
    return mask.getKeyCount();
  Value end = ops.add(mask.getQuery(), band.rows);
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
      RangeSplitter(mask, loop, keyRow).run();
      return WalkResult::advance();
    });
    if (result.wasInterrupted())
      signalPassFailure();
  }
};
} // namespace
