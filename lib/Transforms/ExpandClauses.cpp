// attn-expand-clauses: writes the clauses of attn.attention that change scores or forbid pairs as score and mask regions.
// What they mean is fixed by docs/spec.md; the oracle has its own reading of it.
#include "attn/Transforms/Passes.h"

#include "attn/Dialect/Attn/IR/Attn.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/IRMapping.h"

namespace mlir::attn {
#define GEN_PASS_DEF_ATTNEXPANDCLAUSES
#include "attn/Transforms/Passes.h.inc"
} // namespace mlir::attn

using namespace mlir;
using namespace mlir::attn;

namespace {
/// Writes one attention anew, without clauses.
class ClauseExpander {
public:
  explicit ClauseExpander(AttentionOp op) : op(op), b(op), loc(op.getLoc()) {}

  void run();

private:
  /// The arguments of the region being written.
  struct Arguments {
    Value score, batch, head, query, key;
    ValueRange captures;
  };

  template <typename Op, typename... Args> Value make(Args &&...args) {
    return Op::create(b, loc, std::forward<Args>(args)...);
  }
  Value index(int64_t value) { return make<arith::ConstantIndexOp>(value); }
  Value number(float value) { return make<arith::ConstantOp>(b.getF32FloatAttr(value)); }
  Value compare(arith::CmpIPredicate predicate, Value left, Value right) {
    return make<arith::CmpIOp>(predicate, left, right);
  }
  Value both(Value left, Value right) { return left ? make<arith::AndIOp>(left, right) : right; }

  /// Captures an operand and returns its place among the captures.
  unsigned capture(Value operand) {
    auto found = llvm::find(captures, operand);
    unsigned place = found - captures.begin();
    if (found == captures.end())
      captures.push_back(operand);
    return place;
  }
  Value captured(Value operand) { return at.captures[capture(operand)]; }
  bool movesDiagonal() { return op.getCausalityOrNone().isBottomRightAligned(); }
  Value bounded(Value numbers, Value at, Value least, Value most);
  Value length(Value tensor, Value offsets, Value lengths);
  Value position();
  Value element(Value buffer, ValueRange indices);

  Arguments openRegion(Region &region, bool score);
  Value expandScore();
  Value expandPrefix();
  Value expandDocuments();
  void closeRegion(Region &source, Value value, bool score);

  AttentionOp op;
  OpBuilder b;
  Location loc;
  SmallVector<Value> captures;
  Arguments at;
};
} // namespace

/// A length or offset, within what the launch takes it for.
Value ClauseExpander::bounded(Value numbers, Value place, Value least, Value most) {
  Value own = make<arith::IndexCastOp>(b.getIndexType(), make<tensor::ExtractOp>(captured(numbers), place));
  return make<arith::MaxSIOp>(make<arith::MinSIOp>(own, most), least);
}

/// The length of a sequence: the tensor's extent or the packed sequence's rows, or the batch's length within these.
Value ClauseExpander::length(Value tensor, Value offsets, Value lengths) {
  Value rows = make<tensor::DimOp>(captured(tensor), index(2));
  if (offsets) {
    Value start = bounded(offsets, at.batch, index(0), rows);
    Value end = bounded(offsets, make<arith::AddIOp>(at.batch, index(1)), start, rows);
    rows = make<arith::SubIOp>(end, start);
  }
  return lengths ? bounded(lengths, at.batch, index(0), rows) : rows;
}

/// Where the query stands among the keys: i + d.
Value ClauseExpander::position() {
  if (!movesDiagonal())
    return at.query;
  Value keys = length(op.getKey(), op.getKvOffsets(), op.getKvLengths());
  Value queries = length(op.getQuery(), op.getQueryOffsets(), op.getQueryLengths());
  return make<arith::AddIOp>(at.query, make<arith::SubIOp>(keys, queries));
}

/// An element of a clause's buffer; index 0 on axes of static extent 1.
Value ClauseExpander::element(Value buffer, ValueRange indices) {
  auto type = cast<RankedTensorType>(buffer.getType());
  SmallVector<Value> places;
  for (auto [extent, index] : llvm::zip(type.getShape(), indices))
    places.push_back(extent == 1 ? this->index(0) : index);
  return make<tensor::ExtractOp>(captured(buffer), places);
}

ClauseExpander::Arguments ClauseExpander::openRegion(Region &region, bool score) {
  SmallVector<Type> types(4, b.getIndexType());
  if (score)
    types.insert(types.begin(), b.getF32Type());
  unsigned leading = types.size();
  for (Value operand : captures)
    types.push_back(operand.getType());
  Block *block = b.createBlock(&region, region.end(), types, SmallVector<Location>(types.size(), loc));
  ValueRange indices = ValueRange(block->getArguments()).slice(leading - 4, 4);
  return {score ? block->getArgument(0) : Value(), indices[0], indices[1], indices[2], indices[3],
          ValueRange(block->getArguments()).drop_front(leading)};
}

Value ClauseExpander::expandScore() {
  Value score = at.score;
  if (std::optional<APFloat> cap = op.getSoftcap()) {
    Value ratio = make<arith::MulFOp>(score, number(1.0f / cap->convertToFloat()));
    Value bounded = make<math::TanhOp>(ratio);
    score = make<arith::MulFOp>(bounded, number(cap->convertToFloat()));
  }
  if (op.getSlopes()) {
    Value distance = make<arith::SubIOp>(position(), at.key);
    Value steps = make<arith::IndexCastOp>(b.getI32Type(), distance);
    Value length = make<math::AbsFOp>(make<arith::SIToFPOp>(b.getF32Type(), steps));
    score = make<arith::SubFOp>(score, make<arith::MulFOp>(element(op.getSlopes(), at.head), length));
  }
  if (op.getBias()) {
    Value bias = element(op.getBias(), {at.batch, at.head, at.query, at.key});
    if (!bias.getType().isF32())
      bias = make<arith::ExtFOp>(b.getF32Type(), bias);
    score = make<arith::AddFOp>(score, bias);
  }
  return score;
}

/// Keys of the prefix, and those that causality allows.
Value ClauseExpander::expandPrefix() {
  Value length = make<arith::IndexCastOp>(b.getIndexType(), element(op.getPrefix(), at.batch));
  CausalityAttr causality = op.getCausalityOrNone();
  Value inside;
  auto require = [&](arith::CmpIPredicate predicate, std::optional<int64_t> offset) {
    if (!offset)
      return;
    Value place = position();
    inside = both(inside, compare(predicate, at.key, make<arith::AddIOp>(place, index(*offset))));
  };
  require(arith::CmpIPredicate::sle, causality.getUpperOffset());
  require(arith::CmpIPredicate::sge, causality.getLowerOffset());
  return make<arith::OrIOp>(compare(arith::CmpIPredicate::slt, at.key, length), inside);
}

/// A query in front of all keys or behind them is in no document.
Value ClauseExpander::expandDocuments() {
  Value place = position();
  Value own = element(op.getDocuments(), {at.batch, place}), other = element(op.getDocuments(), {at.batch, at.key});
  Value same = compare(arith::CmpIPredicate::eq, own, other);
  if (movesDiagonal())
    return both(compare(arith::CmpIPredicate::sge, place, index(0)), same);
  Value keys = length(op.getKey(), op.getKvOffsets(), op.getKvLengths());
  return both(compare(arith::CmpIPredicate::slt, place, keys), same);
}

/// Goes on with the region that was there, if any, and yields.
void ClauseExpander::closeRegion(Region &source, Value value, bool score) {
  if (!source.empty()) {
    IRMapping mapping;
    SmallVector<Value> leading = {at.batch, at.head, at.query, at.key};
    if (score)
      leading.insert(leading.begin(), value);
    Block &block = source.front();
    mapping.map(block.getArguments().take_front(leading.size()), leading);
    for (auto [argument, captured] : llvm::zip(block.getArguments().drop_front(leading.size()), at.captures))
      mapping.map(argument, captured);
    for (Operation &inner : block.without_terminator())
      b.clone(inner, mapping);
    Value own = mapping.lookup(block.getTerminator()->getOperand(0));
    value = score ? own : both(value, own);
  }
  YieldOp::create(b, loc, value);
}

void ClauseExpander::run() {
  captures.assign(op.getCaptures().begin(), op.getCaptures().end());
  for (Value buffer : {op.getSlopes(), op.getBias(), op.getPrefix(), op.getDocuments()})
    if (buffer)
      captures.push_back(buffer);
  bool places = op.getSlopes() || op.getPrefix() || op.getChunk() || op.getDocuments();
  if ((places && movesDiagonal()) || op.getDocuments())
    for (Value tensor : {op.getQuery(), op.getKey(), op.getQueryLengths(), op.getKvLengths(), op.getQueryOffsets(), op.getKvOffsets()})
      if (tensor)
        capture(tensor);
  SmallVector<int64_t> sorted(op.getSorted().value_or(ArrayRef<int64_t>()));
  if (op.getDocumentsSorted()) {
    int64_t place = std::distance(captures.begin(), llvm::find(captures, op.getDocuments()));
    if (!llvm::is_contained(sorted, place)) // captured and sorted besides
      sorted.push_back(place);
  }
  auto made = AttentionOp::create(b, loc, op.getResultTypes(), op.getQuery(), op.getKey(), op.getValue(), captures,
                                  /*slopes=*/Value(), /*bias=*/Value(), /*prefix=*/Value(), /*documents=*/Value(),
                                  op.getSinks(), op.getSeed(), op.getQueryLengths(), op.getKvLengths(), op.getQueryOffsets(),
                                  op.getKvOffsets(), op.getHeadsAttr(),
                                  op.getPrefix() ? CausalityAttr() : op.getCausalityAttr(), op.getScaleAttr(),
                                  /*softcap=*/FloatAttr(), /*chunk=*/IntegerAttr(), op.getDropoutAttr(),
                                  sorted.empty() ? DenseI64ArrayAttr() : b.getDenseI64ArrayAttr(sorted),
                                  /*documents_sorted=*/UnitAttr());
  OpBuilder::InsertionGuard guard(b);
  if (op.getSoftcap() || op.getSlopes() || op.getBias()) {
    at = openRegion(made.getScore(), /*score=*/true);
    closeRegion(op.getScore(), expandScore(), /*score=*/true);
  } else if (!op.getScore().empty()) {
    at = openRegion(made.getScore(), /*score=*/true);
    closeRegion(op.getScore(), at.score, /*score=*/true);
  }
  if (op.getPrefix() || op.getChunk() || op.getDocuments() || !op.getMask().empty()) {
    at = openRegion(made.getMask(), /*score=*/false);
    Value allowed = op.getPrefix() ? expandPrefix() : Value();
    if (std::optional<int64_t> size = op.getChunk()) {
      Value place = position();
      Value own = make<arith::FloorDivSIOp>(place, index(*size));
      Value other = make<arith::FloorDivSIOp>(at.key, index(*size));
      allowed = both(allowed, compare(arith::CmpIPredicate::eq, own, other));
    }
    if (op.getDocuments())
      allowed = both(allowed, expandDocuments());
    closeRegion(op.getMask(), allowed, /*score=*/false);
  }
  op.replaceAllUsesWith(made.getResults());
  op.erase();
}

namespace {
struct ExpandClauses : attn::impl::AttnExpandClausesBase<ExpandClauses> {
  void runOnOperation() override {
    WalkResult result = getOperation().walk([](AttentionOp op) {
      // What is captured for its extents must not be taken for a buffer of the launch.
      for (Value captured : op.getCaptures())
        if (llvm::is_contained({op.getQuery(), op.getKey(), op.getValue(), op.getQueryLengths(), op.getKvLengths(),
                               op.getQueryOffsets(), op.getKvOffsets()}, captured)) {
          op.emitOpError("expects captured values other than query, key, value, lengths and offsets, got one of these");
          return WalkResult::interrupt();
        }
      if (op.hasClauses())
        ClauseExpander(op).run();
      return WalkResult::advance();
    });
    if (result.wasInterrupted())
      signalPassFailure();
  }
};
} // namespace
