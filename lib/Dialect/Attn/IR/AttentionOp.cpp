// Verifier, custom syntax and accessors of attn.attention. Each check bears the number of its constraint in AttnOps.td.
#include "attn/Dialect/Attn/IR/Attn.h"

#include "VerifyClauses.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/OpImplementation.h"
#include "llvm/ADT/StringExtras.h"

#include <cmath>

using namespace mlir;
using namespace mlir::attn;

// scale(0.125) rather than scale(1.250000e-01 : f32): the type is fixed.
static ParseResult parseScale(OpAsmParser &parser, FloatAttr &scale) {
  double value;
  if (parser.parseFloat(value))
    return failure();
  scale = parser.getBuilder().getF32FloatAttr(static_cast<float>(value));
  return success();
}

static void printScale(OpAsmPrinter &printer, AttentionOp, FloatAttr scale) { printer << scale.getValue(); }

// %slopes, %ids sorted: the numbers of the sorted ones are the attribute.
static ParseResult parseCaptures(OpAsmParser &parser, SmallVectorImpl<OpAsmParser::UnresolvedOperand> &captures,
                                 DenseI64ArrayAttr &sorted) {
  SmallVector<int64_t> numbers;
  ParseResult parsed = parser.parseCommaSeparatedList([&]() -> ParseResult {
    if (parser.parseOperand(captures.emplace_back()))
      return failure();
    if (succeeded(parser.parseOptionalKeyword("sorted")))
      numbers.push_back(captures.size() - 1);
    return success();
  });
  if (!numbers.empty())
    sorted = parser.getBuilder().getDenseI64ArrayAttr(numbers);
  return parsed;
}

static void printCaptures(OpAsmPrinter &printer, AttentionOp, ValueRange captures, DenseI64ArrayAttr sorted) {
  for (auto [i, capture] : llvm::enumerate(captures)) {
    printer << (i ? ", " : "") << capture;
    if (sorted && llvm::is_contained(sorted.asArrayRef(), static_cast<int64_t>(i)))
      printer << " sorted";
  }
}

// query = %a, kv = %b: one of them or both.
using OptionalOperand = std::optional<OpAsmParser::UnresolvedOperand>;

static ParseResult parseSides(OpAsmParser &parser, OptionalOperand &query, OptionalOperand &kv) {
  return parser.parseCommaSeparatedList([&]() -> ParseResult {
    StringRef side;
    SMLoc loc = parser.getCurrentLocation();
    OpAsmParser::UnresolvedOperand operand;
    if (parser.parseKeyword(&side))
      return failure();
    OptionalOperand &target = side == "query" ? query : kv;
    if ((side != "query" && side != "kv") || target)
      return parser.emitError(loc, "expects 'query = ' and 'kv = ', each at most once, got '") << side << "'";
    if (parser.parseEqual() || parser.parseOperand(operand))
      return failure();
    target = operand;
    return success();
  });
}

static void printSides(OpAsmPrinter &printer, AttentionOp, Value query, Value kv) {
  if (query)
    printer << "query = " << query;
  if (kv)
    printer << (query ? ", " : "") << "kv = " << kv;
}

#define GET_OP_CLASSES
#include "attn/Dialect/Attn/IR/AttnOps.cpp.inc"

double AttentionOp::getScaleOrDefault() {
  if (std::optional<APFloat> scale = getScale())
    return scale->convertToFloat();
  return 1.0 / std::sqrt(static_cast<double>(getHeadDim()));
}

bool AttentionOp::hasClauses() {
  return getSoftcap() || getSlopes() || getBias() || getPrefix() || getChunk() || getDocuments();
}

CausalityAttr AttentionOp::getCausalityOrNone() {
  if (CausalityAttr causality = getCausalityAttr())
    return causality;
  return CausalityAttr::get(getContext(), CausalityKind::None, std::nullopt, std::nullopt);
}

namespace {
enum Axis { Batch = 0, Head = 1, Sequence = 2, HeadDim = 3 };

struct NamedTensor {
  StringRef name;
  RankedTensorType type;
};
} // namespace

static LogicalResult verifyExtents(AttentionOp op, ArrayRef<NamedTensor> tensors) {
  constexpr int64_t limit = int64_t(1) << 30;
  for (const NamedTensor &tensor : tensors)
    for (int64_t extent : tensor.type.getShape())
      if (!ShapedType::isDynamic(extent) && extent >= limit) // A11
        return op.emitOpError("expects every extent to be smaller than 2^30, got ")
               << extent << " in the " << tensor.name;
  return success();
}

static LogicalResult verifyHeadDims(AttentionOp op, ArrayRef<NamedTensor> tensors) {
  for (const NamedTensor &tensor : tensors) {
    int64_t dim = tensor.type.getDimSize(HeadDim);
    if (ShapedType::isDynamic(dim)) // A3
      return op.emitOpError("expects a static head dimension, got a dynamic one in the ") << tensor.name;
    if (dim % 8 != 0 || dim < 16 || dim > 256) // A3
      return op.emitOpError("expects the head dimension to be a multiple of 8 from 16 to 256, got ")
             << dim << " in the " << tensor.name;
  }
  return success();
}

/// Checks that an axis of two tensors agrees where both extents are static.
static LogicalResult verifyAgree(AttentionOp op, StringRef what, const NamedTensor &a, const NamedTensor &b, int axis) {
  int64_t left = a.type.getDimSize(axis), right = b.type.getDimSize(axis);
  if (ShapedType::isDynamic(left) || ShapedType::isDynamic(right) || left == right)
    return success();
  return op.emitOpError("expects ") << a.name << " and " << b.name << " to have the same " << what << ", got " << left
                                    << " and " << right;
}

static LogicalResult verifyHeadCount(AttentionOp op, const NamedTensor &tensor, int64_t expected) {
  int64_t count = tensor.type.getDimSize(Head);
  if (ShapedType::isDynamic(count) || count == expected)
    return success();
  return op.emitOpError("expects the ") << tensor.name << " to have " << expected // A5
                                        << " heads as its head grouping says, got " << count;
}

static LogicalResult verifyLse(AttentionOp op, const NamedTensor &query) {
  if (!op.getLse())
    return success();
  auto type = cast<RankedTensorType>(op.getLse().getType());
  if (type.getRank() != 3) // A7
    return op.emitOpError("expects the log-sum-exp to have rank 3 (batch, head, query), got rank ") << type.getRank();
  for (int axis : {Batch, Head, Sequence}) {
    int64_t want = query.type.getDimSize(axis), got = type.getDimSize(axis);
    if (!ShapedType::isDynamic(want) && !ShapedType::isDynamic(got) && want != got) // A7
      return op.emitOpError("expects the log-sum-exp to have the query's extent ")
             << want << " on axis " << axis << ", got " << got;
  }
  return success();
}

/// The number of sequences from the first operand that fixes it, and the others held against it: R1, R2.
static LogicalResult verifySequences(AttentionOp op, const NamedTensor &query, const NamedTensor &key) {
  int64_t sequences = ShapedType::kDynamic;
  auto agree = [&](int64_t count, const Twine &what) -> LogicalResult {
    if (ShapedType::isDynamic(count))
      return success();
    if (ShapedType::isDynamic(sequences))
      sequences = count;
    if (sequences == count)
      return success();
    return op.emitOpError("expects the ") << what << " to be of " << sequences << " sequences, got " << count;
  };
  struct Side {
    const NamedTensor &tensor;
    Value offsets, lengths;
  } sides[] = {{query, op.getQueryOffsets(), op.getQueryLengths()}, {key, op.getKvOffsets(), op.getKvLengths()}};
  for (const Side &side : sides)
    if (!side.offsets && failed(agree(side.tensor.type.getDimSize(Batch), side.tensor.name + Twine(" batches")))) // A6
      return failure();
  for (const Side &side : sides)
    for (Value numbers : {side.offsets, side.lengths}) {
      if (!numbers)
        continue;
      bool isOffsets = numbers == side.offsets;
      StringRef what = isOffsets ? " offsets" : " lengths";
      auto type = cast<RankedTensorType>(numbers.getType());
      if (type.getRank() != 1) // R1, R2
        return op.emitOpError("expects the ") << side.tensor.name << what << " to have rank 1, got rank " << type.getRank();
      int64_t count = type.getDimSize(0);
      if (isOffsets && count == 0) // R2
        return op.emitOpError("expects the ") << side.tensor.name << " offsets to have at least one element, got none";
      if (isOffsets && !ShapedType::isDynamic(count))
        --count;
      if (failed(agree(count, side.tensor.name + what))) // R1, R2
        return failure();
    }
  return success();
}

/// O1.
static LogicalResult verifySorted(AttentionOp op) {
  for (int64_t number : op.getSorted().value_or(ArrayRef<int64_t>())) {
    bool exists = number >= 0 && number < static_cast<int64_t>(op.getCaptures().size());
    auto type = exists ? dyn_cast<RankedTensorType>(op.getCaptures()[number].getType()) : RankedTensorType();
    if (type && type.getElementType().isInteger(32) && type.getRank() >= 1)
      continue;
    InFlightDiagnostic error = op.emitOpError("expects sorted captured value ") << number << " to be a tensor of i32, got ";
    return exists ? error << op.getCaptures()[number].getType() : error << "none"; // O1
  }
  return success();
}

/// R3.
static LogicalResult verifyPacked(AttentionOp op, Value offsets, ArrayRef<NamedTensor> tensors) {
  for (const NamedTensor &tensor : tensors) {
    int64_t batches = tensor.type.getDimSize(Batch);
    if (offsets && !ShapedType::isDynamic(batches) && batches != 1) // R3
      return op.emitOpError("expects the packed ") << tensor.name << " to have one batch, got " << batches;
  }
  return success();
}

LogicalResult AttentionOp::verify() {
  NamedTensor query{"query", cast<RankedTensorType>(getQuery().getType())};
  NamedTensor key{"key", cast<RankedTensorType>(getKey().getType())};
  NamedTensor value{"value", cast<RankedTensorType>(getValue().getType())};
  NamedTensor output{"output", cast<RankedTensorType>(getOutput().getType())};
  NamedTensor all[] = {query, key, value, output};
  for (const NamedTensor &tensor : all) {
    if (tensor.type.getRank() != 4) // A1
      return emitOpError("expects the ") << tensor.name << " to have rank 4 (batch, head, sequence, head_dim), got rank "
                                         << tensor.type.getRank();
    if (tensor.type.getElementType() != query.type.getElementType()) // A2
      return emitOpError("expects the ") << tensor.name << " to have the query's element type "
                                         << query.type.getElementType() << ", got " << tensor.type.getElementType();
  }
  if (failed(verifyHeadDims(*this, all)) || failed(verifyExtents(*this, all)))
    return failure();
  if (failed(verifyAgree(*this, "head dimension", query, key, HeadDim)) || // A4
      failed(verifyAgree(*this, "head dimension", value, output, HeadDim)))
    return failure();
  if (failed(verifyHeadCount(*this, query, getHeads().getQuery())) ||
      failed(verifyHeadCount(*this, output, getHeads().getQuery())) ||
      failed(verifyHeadCount(*this, key, getHeads().getKv())) ||
      failed(verifyHeadCount(*this, value, getHeads().getKv())))
    return failure();
  bool packed = getQueryOffsets() || getKvOffsets(); // then verifySequences holds the sides against each other
  for (const NamedTensor &other : {key, value, output}) // A6
    if ((!packed || other.name == "output") && failed(verifyAgree(*this, "batch size", query, other, Batch)))
      return failure();
  if (failed(verifyAgree(*this, "batch size", key, value, Batch))) // A6
    return failure();
  if (failed(verifyAgree(*this, "sequence length", key, value, Sequence)) ||
      failed(verifyAgree(*this, "sequence length", query, output, Sequence)))
    return failure();
  if (std::optional<APFloat> scale = getScale(); scale && !scale->isFinite()) // A8
    return emitOpError("expects a finite scale, got ") << scale->convertToFloat();
  if (failed(verifySorted(*this)))
    return failure();
  if (failed(verifyPacked(*this, getQueryOffsets(), {query, output})) ||
      failed(verifyPacked(*this, getKvOffsets(), {key, value})) || failed(verifySequences(*this, query, key)) ||
      failed(verifyClauses(*this)))
    return failure();
  return verifyLse(*this, query);
}

/// Where each pair is computed, how often and in which order is the compiler's choice, so nothing else may come of it.
static LogicalResult verifyNoEffects(AttentionOp op, StringRef name, Region &region) {
  WalkResult found = region.walk([&](Operation *inner) {
    if (isMemoryEffectFree(inner))
      return WalkResult::advance();
    InFlightDiagnostic error = op.emitOpError("expects the ") << name << " region to have no side effects, got "
                                                              << inner->getName();
    error.attachNote(inner->getLoc()) << "capture a tensor and read it with tensor.extract";
    return WalkResult::interrupt();
  });
  return failure(found.wasInterrupted());
}

/// Checks one region against `leading` argument types, the captures, and the type it yields.
static LogicalResult verifyRegion(AttentionOp op, StringRef name, Region &region, ArrayRef<Type> leading, Type yielded) {
  if (region.empty())
    return success();
  if (!region.hasOneBlock())
    return op.emitOpError("expects the ") << name << " region to have one block, got " << region.getBlocks().size();
  SmallVector<Type> expected(leading);
  llvm::append_range(expected, op.getCaptures().getTypes());
  Block &block = region.front();
  if (SmallVector<Type>(block.getArgumentTypes()) != expected)
    return op.emitOpError("expects the ") << name << " region to take (" << expected << "), got ("
                                          << SmallVector<Type>(block.getArgumentTypes()) << ")";
  auto yield = block.empty() ? nullptr : dyn_cast<YieldOp>(block.back());
  if (!yield)
    return op.emitOpError("expects the ") << name << " region to end with attn.yield";
  if (yield.getValue().getType() != yielded)
    return op.emitOpError("expects the ") << name << " region to yield " << yielded << ", got "
                                          << yield.getValue().getType();
  return verifyNoEffects(op, name, region); // A12
}

LogicalResult AttentionOp::verifyRegions() {
  Builder builder(getContext());
  Type index = builder.getIndexType(), f32 = builder.getF32Type();
  if (failed(verifyRegion(*this, "score", getScore(), {f32, index, index, index, index}, f32))) // A9
    return failure();
  return verifyRegion(*this, "mask", getMask(), {index, index, index, index}, builder.getI1Type()); // A10
}
