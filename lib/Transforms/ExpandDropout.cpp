// tile-expand-dropout: writes the choice of dropout as arithmetic on i32 tiles: the rounds of Philox-4x32-10, a word for
// each element, and a comparison. The definition is that of #attn.dropout; the oracle has its own.
#include "attn/Transforms/Passes.h"

#include "HeadTile.h"

#include "attn/Dialect/Tile/IR/Tile.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

#include <array>

namespace mlir::attn {
#define GEN_PASS_DEF_TILEEXPANDDROPOUT
#include "attn/Transforms/Passes.h.inc"
} // namespace mlir::attn

using namespace mlir;
using namespace mlir::attn;

namespace {
/// Writes one tile.keep out before it.
class KeepExpander {
public:
  explicit KeepExpander(tile::KeepOp op) : op(op), b(op), loc(op.getLoc()) {
    type = RankedTensorType::get(cast<RankedTensorType>(op.getType()).getShape(), b.getI32Type());
  }

  Value run();

private:
  using Words = std::array<Value, 4>;

  Value number(uint32_t value) {
    APInt bits(32, value);
    return arith::ConstantOp::create(b, loc, DenseElementsAttr::get(type, bits));
  }
  Value splat(Value index) {
    return tensor::SplatOp::create(b, loc, type, arith::IndexCastOp::create(b, loc, b.getI32Type(), index).getResult());
  }
  Value exclusiveOr(Value left, Value right) { return arith::XOrIOp::create(b, loc, left, right); }
  void readSeed();
  Value roundKey(int word, uint32_t step);
  Words round(const Words &counter, uint32_t step);

  tile::KeepOp op;
  OpBuilder b;
  Location loc;
  RankedTensorType type;
  Value seed[2]; ///< where it is read from a buffer
};
} // namespace

/// Two elements of a buffer, the same for the whole tile.
void KeepExpander::readSeed() {
  for (uint32_t word : {0, 1})
    seed[word] = tile::GatherOp::create(b, loc, type, op.getSeedFrom(), ValueRange{number(word)});
}

/// The key of a round: the seed's word plus a multiple of the golden ratio or of sqrt(3) - 1, a constant where the seed is.
Value KeepExpander::roundKey(int word, uint32_t step) {
  uint32_t shift = step * (word ? 0xBB67AE85 : 0x9E3779B9);
  if (std::optional<uint64_t> number = op.getSeed())
    return this->number(static_cast<uint32_t>(*number >> 32 * word) + shift);
  return step ? arith::AddIOp::create(b, loc, seed[word], number(shift)).getResult() : seed[word];
}

KeepExpander::Words KeepExpander::round(const Words &counter, uint32_t step) {
  auto first = arith::MulUIExtendedOp::create(b, loc, counter[0], number(0xD2511F53));
  auto second = arith::MulUIExtendedOp::create(b, loc, counter[2], number(0xCD9E8D57));
  return {exclusiveOr(exclusiveOr(second.getHigh(), counter[1]), roundKey(0, step)), second.getLow(),
          exclusiveOr(exclusiveOr(first.getHigh(), counter[3]), roundKey(1, step)), first.getLow()};
}

Value KeepExpander::run() {
  // Words are 32 bits, so nothing is below a threshold of 2^32.
  uint64_t threshold = op.getThreshold();
  if (threshold > UINT32_MAX)
    return arith::ConstantOp::create(b, loc, DenseElementsAttr::get(cast<RankedTensorType>(op.getType()), false));
  if (op.getSeedFrom())
    readSeed();
  auto indices = [&](tile::IndexKind kind, Value base) -> Value {
    int64_t packed = kind == tile::IndexKind::Row ? op.getPacked() : 1;
    return tile::IndicesOp::create(b, loc, type, kind, base, b.getI64IntegerAttr(8), packed);
  };
  Words words = {indices(tile::IndexKind::Column, op.getKey()), indices(tile::IndexKind::Row, op.getQuery()),
                 emitHeads(b, loc, type, op.getHead(), op.getPacked()), splat(op.getBatch())};
  for (uint32_t step = 0; step != 10; ++step)
    words = round(words, step);
  Value word = tile::DealOp::create(b, loc, type, words[0], words[1], words[2], words[3]);
  return arith::CmpIOp::create(b, loc, arith::CmpIPredicate::uge, word, number(static_cast<uint32_t>(threshold)));
}

namespace {
struct ExpandDropout : attn::impl::TileExpandDropoutBase<ExpandDropout> {
  void runOnOperation() override {
    getOperation().walk([](tile::KeepOp op) {
      op.replaceAllUsesWith(KeepExpander(op).run());
      op.erase();
    });
  }
};
} // namespace
