// The weights of a block of scores: a multiply-add, an exponential, half a conversion, and a sum or a quarter of an or for every
// element. The special-function unit takes 8 cycles for an exponential of a warp, in which the others fit, if the instructions are
// mixed. ptxas does not keep the order of independent instructions: it puts the multiply-adds first, then the exponentials, then
// the sums, one after the other. So the chain is emitted in strips of columns, and each strip is made to depend on the sums of an
// earlier one, through a 0 that the assembler cannot know.
#include "KernelEmitter.h"

#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"

#include <map>
#include <optional>

using namespace mlir;
using namespace mlir::tile;

/// Pieces of a strip (two chunks of columns), and how many strips may be under way at a time. Few pieces are two strips of which none
/// waits: at 64 keys a wait costs more than it mixes, 2 to 3 % with four warpgroups (docs/measured/h100-checks.md, "Strips").
static constexpr size_t kStripPieces = 8, kStripsUnderWay = 2, kFewPieces = 32;

/// The operations of one chain, all of one block: fma, exp2, and what looks at the rows of the weights. That is their sum
/// (row_accumulate), and then the rounding is a part of the chain if it follows at once (behind an await it waits for registers
/// that a product reads); or it is a ceiling of the rounded weights (row_ceiling).
struct KernelEmitter::WeightChain {
  math::FmaOp exponent;
  math::Exp2Op weights;
  arith::TruncFOp rounded;

  /// The chain that ends with `rows`, an operation on the rows of `tile`.
  static std::optional<WeightChain> of(Operation *rows, Value tile) {
    WeightChain chain;
    if (auto rounded = tile.getDefiningOp<arith::TruncFOp>())
      chain.rounded = rounded, tile = rounded.getIn();
    chain.weights = tile.getDefiningOp<math::Exp2Op>();
    if (chain.weights)
      chain.exponent = chain.weights.getOperand().getDefiningOp<math::FmaOp>();
    if (!chain.exponent || !chain.exponent->hasOneUse() || chain.exponent->getBlock() != rows->getBlock())
      return std::nullopt;
    for (Operation *user : chain.weights->getUsers()) {
      if (user == rows || user == chain.rounded)
        continue;
      if (user->getBlock() == rows->getBlock() && user->isBeforeInBlock(rows))
        return std::nullopt;
      if (auto rounded = dyn_cast<arith::TruncFOp>(user); rounded && !chain.rounded && rounded == rows->getNextNode())
        chain.rounded = rounded;
    }
    return chain;
  }

  /// The chain of an operation that looks at rows, if it has one.
  static std::optional<WeightChain> of(Operation *rows) {
    if (auto sums = dyn_cast<RowAccumulateOp>(rows))
      return of(rows, sums.getTile());
    if (auto ceiling = dyn_cast<RowCeilingOp>(rows))
      return of(rows, ceiling.getTile());
    return std::nullopt;
  }

  bool contains(Operation *op) { return llvm::is_contained({exponent.getOperation(), weights.getOperation(), rounded.getOperation()}, op); }
};

/// Whether an operation is emitted when the rows of its chain are looked at.
bool KernelEmitter::isPartOfWeights(Operation *op) {
  auto weights = dyn_cast<math::Exp2Op>(op);
  if (!weights && isa<math::FmaOp>(op) && op->hasOneUse())
    weights = dyn_cast<math::Exp2Op>(*op->user_begin());
  if (!weights && isa<arith::TruncFOp>(op))
    weights = op->getOperand(0).getDefiningOp<math::Exp2Op>();
  if (!weights)
    return false;
  auto endsChain = [&](Operation *user) {
    std::optional<WeightChain> chain = WeightChain::of(user);
    return chain && chain->contains(op);
  };
  return llvm::any_of(weights->getUsers(), [&](Operation *user) {
    return endsChain(user) || (isa<arith::TruncFOp>(user) && llvm::any_of(user->getUsers(), endsChain));
  });
}

/// `value`, but not before `earlier` is known.
Value KernelEmitter::emitAfter(Value value, Value earlier) {
  Type i32Type = b.getI32Type();
  auto bits = [&](Value number) -> Value {
    return number.getType() == i32Type ? number : LLVM::BitcastOp::create(b, loc, i32Type, number);
  };
  Value zero = arith::AndIOp::create(b, loc, bits(earlier), unknownZero);
  return LLVM::BitcastOp::create(b, loc, value.getType(), arith::OrIOp::create(b, loc, bits(value), zero));
}

/// The exponents of one strip, which wait for what is known of an earlier one: of the other row, so that both rows advance together.
KernelEmitter::Pieces KernelEmitter::emitExponents(math::FmaOp op, size_t first, size_t last, const RowParts *earlier) {
  Pieces result;
  std::map<std::pair<void *, int64_t>, Value> later; // one for each addend and row
  for (size_t i = first; i < last; ++i) {
    Value addend = pieces[op.getC()][i];
    int64_t row = getRowPiece(i);
    if (earlier) {
      Value &known = later[{addend.getAsOpaquePointer(), row}];
      addend = known = known ? known : emitAfter(addend, (*earlier)[1 - row]);
    }
    result.push_back(math::FmaOp::create(b, loc, pieces[op.getA()][i], pieces[op.getB()][i], addend));
  }
  return result;
}

/// Adds a strip to the sums, which are kept by column parity: two short chains instead of a long one.
void KernelEmitter::emitStripSums(RowAccumulateOp op, ArrayRef<Value> strip, size_t first, RowParts &even, RowParts &odd) {
  for (auto [offset, weight] : llvm::enumerate(strip)) {
    size_t i = first + offset;
    int64_t row = getRowPiece(i);
    Value &parity = i % 2 ? odd[row] : even[row];
    if (parity)
      parity = arith::AddFOp::create(b, loc, parity, weight);
    else if (i % 2)
      parity = weight;
    else
      parity = math::FmaOp::create(b, loc, pieces[op.getSum()][row], pieces[op.getFactor()][row], weight);
  }
}

/// The weights of a chain, strip by strip; `look` has what is known of the rows behind each strip, which a later one waits for.
void KernelEmitter::emitStrips(const WeightChain &chain, StripLook look) {
  math::FmaOp exponent = chain.exponent;
  math::Exp2Op exp2 = chain.weights;
  size_t count = pieceTypes(exp2.getType()).size();
  Pieces weights;
  SmallVector<RowParts> history;
  size_t stripPieces = count <= kFewPieces ? kFewPieces / 2 : kStripPieces;
  for (size_t first = 0; first < count; first += stripPieces) {
    size_t last = std::min(count, first + stripPieces);
    const RowParts *earlier = history.size() < kStripsUnderWay ? nullptr : &history[history.size() - kStripsUnderWay];
    for (Value piece : emitExponents(exponent, first, last, earlier))
      weights.push_back(emitPiece(exp2, piece, b.getF32Type()));
    history.push_back(look(first, ArrayRef<Value>(weights).slice(first, last - first)));
  }
  pieces[exp2] = std::move(weights);
}

void KernelEmitter::emitPairs(arith::TruncFOp op, ArrayRef<Value> weights, Pieces &pairs) {
  for (size_t i = 0; i < weights.size(); i += 2)
    pairs.push_back(emitPair(op, weights[i], weights[i + 1]));
}

void KernelEmitter::emitRowAccumulate(RowAccumulateOp op) {
  std::optional<WeightChain> chain = WeightChain::of(op);
  Pieces pairs, result;
  RowParts even, odd;
  auto addStrip = [&](size_t first, ArrayRef<Value> weights) {
    emitStripSums(op, weights, first, even, odd);
    if (chain && chain->rounded)
      emitPairs(chain->rounded, weights, pairs);
    return even;
  };
  if (chain)
    emitStrips(*chain, addStrip);
  else
    addStrip(0, pieces[op.getTile()]);
  for (int64_t row = 0; row < kRowPieces; ++row)
    result.push_back(arith::AddFOp::create(b, loc, even[row], odd[row]));
  pieces[op.getResult()] = std::move(result);
  if (chain && chain->rounded)
    pieces[chain->rounded.getResult()] = std::move(pairs);
}

/// An or for four weights, of which a pair is one register, where a sum has an addition for each.
void KernelEmitter::emitRowCeiling(RowCeilingOp op) {
  std::optional<WeightChain> chain = WeightChain::of(op);
  Pieces pairs, result;
  RowParts bits;
  auto join = [&](size_t first) {
    for (size_t i = first; i < pairs.size(); ++i) {
      Value &row = bits[getRowPiece(2 * i)];
      row = row ? arith::OrIOp::create(b, loc, row, pairs[i]).getResult() : pairs[i];
    }
    return bits;
  };
  if (chain)
    emitStrips(*chain, [&](size_t first, ArrayRef<Value> weights) {
      emitPairs(chain->rounded, weights, pairs);
      return join(first / 2);
    });
  else
    pairs = pieces[op.getTile()], join(0);
  bool isHalf = cast<RankedTensorType>(op.getTile().getType()).getElementType().isF16();
  for (Value both : bits) {
    Value upper = arith::OrIOp::create(b, loc, both, arith::ShLIOp::create(b, loc, both, i32(16)));
    if (isHalf) {
      Value half = arith::TruncIOp::create(b, loc, b.getI16Type(), arith::ShRUIOp::create(b, loc, upper, i32(16)));
      half = LLVM::BitcastOp::create(b, loc, b.getF16Type(), half);
      result.push_back(arith::ExtFOp::create(b, loc, b.getF32Type(), half));
    } else { // the upper half of a f32
      Value wide = arith::AndIOp::create(b, loc, upper, i32(static_cast<int32_t>(0xffff0000)));
      result.push_back(LLVM::BitcastOp::create(b, loc, b.getF32Type(), wide));
    }
  }
  pieces[op.getResult()] = std::move(result);
  if (chain)
    pieces[chain->rounded.getResult()] = std::move(pairs);
}

/// The old words are read once more, or ptxas would give the new ones the same registers while a product reads those.
void KernelEmitter::emitTakeOver(TakeOverOp op) {
  Pieces result;
  for (auto [value, from] : llvm::zip(pieces[op.getValue()], pieces[op.getFrom()]))
    result.push_back(emitAfter(value, from));
  pieces[op.getResult()] = std::move(result);
}

void KernelEmitter::emitCombineSums(CombineSumsOp op) {
  Pieces result;
  for (auto [sum, factor, more] : llvm::zip(pieces[op.getSum()], pieces[op.getFactor()], pieces[op.getMore()]))
    result.push_back(math::FmaOp::create(b, loc, sum, factor, more));
  pieces[op.getResult()] = std::move(result);
}

void KernelEmitter::emitRowsAbove(RowsAboveOp op) {
  auto maximum = [&](Value left, Value right) -> Value { return arith::MaximumFOp::create(b, loc, left, right); };
  Pieces result;
  for (auto [part, fresh] : llvm::zip(pieces[op.getSum()], pieces[op.getFresh()]))
    result.push_back(emitIsAbove(reduceQuad(part, maximum), op.getLimitAttr(), fresh)); // NaN stays
  pieces[op.getResult()] = std::move(result);
}

Value KernelEmitter::emitIsAbove(Value part, FloatAttr limit, Value fresh) {
  Value bound = arith::ConstantOp::create(b, loc, limit);
  Value above = arith::CmpFOp::create(b, loc, arith::CmpFPredicate::UGT, part, bound);
  return arith::OrIOp::create(b, loc, above, fresh);
}

/// A warp branches by itself, on the vote of its lanes.
void KernelEmitter::emitAnyAbove(AnyAboveOp op) {
  Value any;
  for (auto [part, fresh] : llvm::zip(pieces[op.getSum()], pieces[op.getFresh()])) {
    Value row = emitIsAbove(part, op.getLimitAttr(), fresh);
    any = any ? arith::OrIOp::create(b, loc, any, row).getResult() : row;
  }
  scalars[op.getResult()] = NVVM::VoteSyncOp::create(b, loc, b.getI1Type(), i32(-1), any, NVVM::VoteSyncKind::any);
}
