// The weights of a block of scores: a multiply-add, an exponential, a sum and a conversion for every element. The special-
// function unit takes 8 cycles for an exponential of a warp, in which the others fit, if the instructions are mixed. ptxas
// does not keep the order of independent instructions: it puts the multiply-adds first, then the exponentials, then the
// sums, one after the other. So the chain is emitted in strips of columns, and each strip is made to depend on the sums of
// an earlier one, through a 0 that the assembler cannot know.
#include "KernelEmitter.h"

#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"

#include <array>
#include <map>
#include <optional>

using namespace mlir;
using namespace mlir::tile;

/// Pieces of a strip (two chunks of columns), and how many strips may be under way at a time.
static constexpr size_t kStripPieces = 8, kStripsUnderWay = 2;

/// The operations of one chain, all of one block: row_accumulate(exp2(fma(…))), and the rounding of the weights if it
/// follows at once. (Behind an await it waits for registers that a product reads.)
struct KernelEmitter::WeightChain {
  math::FmaOp exponent;
  math::Exp2Op weights;
  RowAccumulateOp sums;
  arith::TruncFOp rounded;

  static std::optional<WeightChain> of(RowAccumulateOp sums) {
    WeightChain chain;
    chain.sums = sums;
    chain.weights = sums.getTile().getDefiningOp<math::Exp2Op>();
    if (chain.weights)
      chain.exponent = chain.weights.getOperand().getDefiningOp<math::FmaOp>();
    if (!chain.exponent || !chain.exponent->hasOneUse() || chain.exponent->getBlock() != sums->getBlock())
      return std::nullopt;
    for (Operation *user : chain.weights->getUsers()) {
      if (user == sums)
        continue;
      if (user->getBlock() == sums->getBlock() && user->isBeforeInBlock(sums))
        return std::nullopt;
      if (auto rounded = dyn_cast<arith::TruncFOp>(user); rounded && rounded == sums->getNextNode())
        chain.rounded = rounded;
    }
    return chain;
  }
};

/// Whether an operation is emitted when the sums of its chain are.
bool KernelEmitter::isPartOfWeights(Operation *op) {
  auto weights = dyn_cast<math::Exp2Op>(op);
  if (!weights && isa<math::FmaOp>(op) && op->hasOneUse())
    weights = dyn_cast<math::Exp2Op>(*op->user_begin());
  if (!weights && isa<arith::TruncFOp>(op))
    weights = op->getOperand(0).getDefiningOp<math::Exp2Op>();
  if (!weights)
    return false;
  for (Operation *user : weights->getUsers())
    if (auto sums = dyn_cast<RowAccumulateOp>(user))
      if (std::optional<WeightChain> chain = WeightChain::of(sums))
        return llvm::is_contained({chain->exponent.getOperation(), chain->weights.getOperation(),
                                   chain->rounded.getOperation()}, op);
  return false;
}

/// `value`, but not before `earlier` is known.
Value KernelEmitter::emitAfter(Value value, Value earlier) {
  Type i32Type = b.getI32Type();
  auto bits = [&](Value number) -> Value { return LLVM::BitcastOp::create(b, loc, i32Type, number); };
  Value zero = arith::AndIOp::create(b, loc, bits(earlier), unknownZero);
  return LLVM::BitcastOp::create(b, loc, value.getType(), arith::OrIOp::create(b, loc, bits(value), zero));
}

/// The exponents of one strip, which wait for sums of an earlier one: those of the other row, so that both rows advance together.
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

LogicalResult KernelEmitter::emitRowAccumulate(RowAccumulateOp op) {
  std::optional<WeightChain> chain = WeightChain::of(op);
  size_t count = pieceTypes(op.getTile().getType()).size();
  Pieces weights, words;
  RowParts even, odd;
  SmallVector<RowParts> history; // sums after each strip
  for (size_t first = 0; first < count; first += kStripPieces) {
    size_t last = std::min(count, first + kStripPieces);
    if (chain) {
      const RowParts *earlier = history.size() < kStripsUnderWay ? nullptr : &history[history.size() - kStripsUnderWay];
      for (Value exponent : emitExponents(chain->exponent, first, last, earlier))
        weights.push_back(emitPiece(chain->weights, exponent, b.getF32Type()));
    } else {
      llvm::append_range(weights, ArrayRef<Value>(pieces[op.getTile()]).slice(first, last - first));
    }
    emitStripSums(op, ArrayRef<Value>(weights).slice(first, last - first), first, even, odd);
    history.push_back(even);
    if (chain && chain->rounded)
      for (size_t i = first; i < last; i += 2)
        words.push_back(emitPair(chain->rounded, weights[i], weights[i + 1]));
  }
  Pieces result;
  for (int64_t row = 0; row < kRowPieces; ++row)
    result.push_back(arith::AddFOp::create(b, loc, even[row], odd[row]));
  pieces[op.getResult()] = std::move(result);
  if (chain)
    pieces[chain->weights.getResult()] = std::move(weights);
  if (chain && chain->rounded)
    pieces[chain->rounded.getResult()] = std::move(words);
  return success();
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
