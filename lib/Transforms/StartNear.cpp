// tile-start-near: where scores fall with the distance of query and key (ALiBi, arXiv 2108.12409), visits the keys beside a query tile
// first, so that the reference of the softmax is found at once.
#include "attn/Transforms/Passes.h"

#include "attn/Dialect/Tile/IR/KernelAttributes.h"
#include "attn/Dialect/Tile/IR/Tile.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/IR/Remarks.h"

namespace mlir::attn {
#define GEN_PASS_DEF_TILESTARTNEAR
#include "attn/Transforms/Passes.h.inc"
} // namespace mlir::attn

using namespace mlir;
using namespace mlir::attn;

namespace {
/// A loop over all key blocks, from the last to the first, with block = (count - 1) - counter.
struct Descending {
  scf::ForOp loop;
  arith::SubIOp block;
  arith::MulIOp key; ///< the first key of the block

  static std::optional<Descending> of(scf::ForOp loop) {
    Descending found{loop, {}, {}};
    for (Operation *user : loop.getInductionVar().getUsers()) {
      auto block = dyn_cast<arith::SubIOp>(user);
      if (!block || found.block || block.getRhs() != loop.getInductionVar() || !block->hasOneUse())
        return std::nullopt;
      found.block = block;
    }
    auto last = found.block ? found.block.getLhs().getDefiningOp<arith::SubIOp>() : arith::SubIOp();
    if (!last || last.getLhs() != loop.getUpperBound() || getConstantIntValue(last.getRhs()) != 1)
      return std::nullopt;
    found.key = dyn_cast<arith::MulIOp>(*found.block->user_begin());
    return found.key ? std::optional(found) : std::nullopt;
  }
};

/// Terms of the position of a tile's first query among the keys, and whether they are added.
using Terms = SmallVector<std::pair<Value, bool>>;
} // namespace

/// Takes `value` apart into terms from outside of the loop and one subtraction of the block's first key.
static bool collect(Descending &at, Value value, bool plus, Terms &terms, unsigned &keys) {
  if (value == at.key.getResult())
    return !plus && ++keys == 1;
  if (at.loop.isDefinedOutsideOfLoop(value))
    return terms.push_back({value, plus}), true;
  if (auto sum = value.getDefiningOp<arith::AddIOp>())
    return collect(at, sum.getLhs(), plus, terms, keys) && collect(at, sum.getRhs(), plus, terms, keys);
  if (auto difference = value.getDefiningOp<arith::SubIOp>())
    return collect(at, difference.getLhs(), plus, terms, keys) && collect(at, difference.getRhs(), !plus, terms, keys);
  return false;
}

/// Counts down from the block that holds the key of the tile's last query, then from the last block.
static void startAt(Descending &at, const Terms &terms, int64_t rows, int64_t columns) {
  OpBuilder b(at.loop);
  Location loc = at.block.getLoc();
  Value end = at.loop.getUpperBound(), zero = arith::ConstantIndexOp::create(b, loc, 0);
  Value position = arith::ConstantIndexOp::create(b, loc, rows - 1);
  for (auto [term, plus] : terms)
    position = plus ? arith::AddIOp::create(b, loc, position, term).getResult()
                    : arith::SubIOp::create(b, loc, position, term).getResult();
  position = arith::MaxSIOp::create(b, loc, position, zero);
  Value start = arith::DivUIOp::create(b, loc, position, arith::ConstantIndexOp::create(b, loc, columns));
  start = arith::MinSIOp::create(b, loc, start, at.block.getLhs());
  b.setInsertionPoint(at.block);
  Value block = arith::SubIOp::create(b, loc, start, at.loop.getInductionVar());
  Value wrapped = arith::AddIOp::create(b, loc, block, end);
  Value below = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::slt, block, zero);
  at.block.replaceAllUsesWith(arith::SelectOp::create(b, loc, below, wrapped, block).getResult());
  at.block->erase();
}

namespace {
struct StartNear : attn::impl::TileStartNearBase<StartNear> {
  void runOnOperation() override {
    func::FuncOp func = getOperation();
    if (func->hasAttr(tile::kHeavyFirstAttr)) // the last block is the nearest
      return;
    func.walk([](scf::ForOp loop) {
      std::optional<Descending> at = Descending::of(loop);
      if (!at)
        return;
      for (math::AbsFOp magnitude : loop.getOps<math::AbsFOp>()) {
        auto distances = magnitude.getOperand().getDefiningOp<tile::DistancesOp>();
        Terms terms;
        unsigned keys = 0;
        if (!distances || !collect(*at, distances.getBase(), true, terms, keys) || keys != 1)
          continue;
        int64_t columns = cast<RankedTensorType>(distances.getType()).getDimSize(1);
        startAt(*at, terms, distances.getRowsOfHead(), columns);
        remark::passed(loop.getLoc(), remark::RemarkOpts::name("near").category("tile-start-near"))
            << "scores depend on the distance of query and key, so the nearest keys are visited first";
        return;
      }
    });
  }
};
} // namespace
