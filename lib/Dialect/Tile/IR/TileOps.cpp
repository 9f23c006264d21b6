// Syntax and verifiers of the tile dialect's operations. Each check bears the number of its constraint in TileOps.td.
#include "attn/Dialect/Tile/IR/KernelAttributes.h"
#include "attn/Dialect/Tile/IR/Layouts.h"
#include "attn/Dialect/Tile/IR/Tile.h"
#include "attn/Target/Gpu.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Interfaces/FunctionInterfaces.h"

using namespace mlir;
using namespace mlir::tile;

//===-- Custom syntax --===//

using OptionalOperand = std::optional<OpAsmParser::UnresolvedOperand>;

/// The type of an optional accumulator is the result's: it is not repeated in the text.
static ParseResult parseAccumulatedType(OpAsmParser &parser, Type &result, const OptionalOperand &acc, Type &accType) {
  if (parser.parseType(result))
    return failure();
  if (acc)
    accType = result;
  return success();
}

static void printAccumulatedType(OpAsmPrinter &printer, Operation *, Type result, Value, Type) { printer << result; }

static ParseResult parseAccumulatedPendingType(OpAsmParser &parser, Type &result, const OptionalOperand &acc,
                                               Type &accType) {
  SMLoc loc = parser.getCurrentLocation();
  if (parser.parseType(result))
    return failure();
  auto pending = dyn_cast<PendingType>(result);
  if (!pending)
    return parser.emitError(loc, "expects a !tile.pending type, got ") << result;
  if (acc)
    accType = pending.getTile();
  return success();
}

static void printAccumulatedPendingType(OpAsmPrinter &printer, Operation *, Type result, Value, Type) {
  printer << result;
}

static ParseResult parsePendingResult(OpAsmParser &parser, Type &pending, Type &result) {
  SMLoc loc = parser.getCurrentLocation();
  if (parser.parseType(pending))
    return failure();
  auto type = dyn_cast<PendingType>(pending);
  if (!type)
    return parser.emitError(loc, "expects a !tile.pending type, got ") << pending;
  result = type.getTile();
  return success();
}

static void printPendingResult(OpAsmPrinter &printer, Operation *, Type pending, Type) { printer << pending; }

static ParseResult parseF32(OpAsmParser &parser, FloatAttr &attr) {
  double value;
  if (parser.parseFloat(value))
    return failure();
  attr = parser.getBuilder().getF32FloatAttr(static_cast<float>(value));
  return success();
}

static void printF32(OpAsmPrinter &printer, Operation *, FloatAttr attr) { printer << attr.getValue(); }

static ParseResult parseTurn(OpAsmParser &parser, BoolAttr &take) {
  StringRef keyword;
  SMLoc loc = parser.getCurrentLocation();
  if (parser.parseKeyword(&keyword))
    return failure();
  if (keyword != "take" && keyword != "pass")
    return parser.emitError(loc, "expects 'take' or 'pass', got '") << keyword << "'";
  take = parser.getBuilder().getBoolAttr(keyword == "take");
  return success();
}

static void printTurn(OpAsmPrinter &printer, Operation *, BoolAttr take) {
  printer << (take.getValue() ? "take" : "pass");
}

#define GET_OP_CLASSES
#include "attn/Dialect/Tile/IR/TileOps.cpp.inc"

//===-- Verifiers --===//

namespace {
/// Rows, columns and element type of a matrix operand, wherever it lives.
struct Matrix {
  int64_t rows, columns;
  Type elementType;

  static std::optional<Matrix> of(Type type) {
    if (auto shared = dyn_cast<SharedType>(type))
      return Matrix{shared.getRows(), shared.getColumns(), shared.getElementType()};
    auto tensor = cast<RankedTensorType>(type);
    if (tensor.getRank() != 2 || !tensor.hasStaticShape())
      return std::nullopt;
    return Matrix{tensor.getDimSize(0), tensor.getDimSize(1), tensor.getElementType()};
  }
};
} // namespace

/// Rows of the tile that an operation makes, writes or moves: the first of its types that has any.
static int64_t countRows(Operation *op) {
  SmallVector<Type> types(op->getResultTypes());
  llvm::append_range(types, op->getOperandTypes());
  for (Type type : types) {
    if (auto ring = dyn_cast<RingType>(type))
      type = ring.getSlot();
    if (auto shared = dyn_cast<SharedType>(type))
      return shared.getRows();
    if (auto tensor = dyn_cast<RankedTensorType>(type))
      return tensor.getDimSize(0);
  }
  return 0;
}

static int64_t countHeads(Operation *op) {
  auto packed = op->getAttrOfType<IntegerAttr>("packed");
  return packed ? packed.getInt() : 1;
}

int64_t mlir::tile::countRowsOfHead(Operation *op) { return countRows(op) / countHeads(op); }

LogicalResult mlir::tile::verifyPackedRows(Operation *op) {
  int64_t rows = countRows(op), heads = countHeads(op);
  if (heads < 1 || rows % heads != 0) // PK1
    return op->emitOpError("expects packed to divide the ") << rows << " rows of its tile, got " << heads;
  return success();
}

LogicalResult RolesOp::verify() {
  int64_t warpgroups = 1 + static_cast<int64_t>(getConsumers());
  auto function = (*this)->getParentOfType<FunctionOpInterface>();
  auto plan = function ? function->getAttrOfType<PlanAttr>(kPlanAttr) : PlanAttr();
  const ::attn::target::Gpu &gpu = ::attn::target::hopper;
  int64_t each = gpu.registersOf(plan ? plan.getResidency() : 1, gpu.warpgroupThreads * warpgroups);
  int64_t asked = static_cast<int64_t>(getProducerRegisters() + getConsumers() * getConsumerRegisters());
  if (asked > each * warpgroups)
    return emitOpError("expects registers of at most ") << each * warpgroups << " for a thread of each of its " << warpgroups
           << " warpgroups together, which is what the block is launched with, got " << asked;
  return success();
}

LogicalResult LoadOp::verify() {
  auto source = cast<MemRefType>(getSource().getType());
  std::optional<Matrix> tile = Matrix::of(getResult().getType());
  if (source.getRank() != 4) // LD1
    return emitOpError("expects a source of rank 4 (batch, head, sequence, head_dim), got rank ") << source.getRank();
  if (!tile || tile->columns != source.getDimSize(3) || tile->elementType != source.getElementType()) // LD1
    return emitOpError("expects a matrix of the source's ")
           << source.getDimSize(3) << " columns of " << source.getElementType() << ", got " << getResult().getType();
  return success();
}

LogicalResult StoreOp::verify() {
  auto tile = cast<RankedTensorType>(getTile().getType());
  auto target = cast<MemRefType>(getTarget().getType());
  bool matrix = tile.getRank() == 2 && target.getRank() == 4 && tile.getDimSize(1) == target.getDimSize(3);
  bool rows = tile.getRank() == 1 && target.getRank() == 3;
  if (!matrix && !rows) // ST1
    return emitOpError("expects a matrix for a rank-4 target of as many columns, or rows for a rank-3 target, got ")
           << tile << " for " << target;
  if (tile.getElementType() != target.getElementType()) // ST1
    return emitOpError("expects the tile's element type to be the target's ")
           << target.getElementType() << ", got " << tile.getElementType();
  if (!getStage())
    return success();
  SharedType stage = getStage().getType();
  if (!matrix || tile.getElementTypeBitWidth() != 16 || stage.getRows() != tile.getDimSize(0) ||
      stage.getColumns() != tile.getDimSize(1) || stage.getElementType() != tile.getElementType()) // ST2
    return emitOpError("expects a stage for a matrix, of its rows, columns and 16-bit elements, got ") << stage << " for " << tile;
  return success();
}

/// Shared by tile.mma and tile.issue_mma: MM1 to MM3.
template <typename ProductOp>
static LogicalResult verifyProduct(ProductOp op, RankedTensorType result) {
  std::optional<Matrix> a = Matrix::of(op.getA().getType()), b = Matrix::of(op.getB().getType());
  Value acc = op.getAcc(), beside = op.getBeside();
  bool transposeB = op.getTransposeB();
  if (!a || !b || result.getRank() != 2)
    return op->emitOpError("expects static matrices");
  std::optional<Matrix> right = beside ? Matrix::of(beside.getType()) : Matrix{b->rows, 0, b->elementType};
  if (!right || right->rows != b->rows || right->elementType != b->elementType || (beside && transposeB)) // MM3
    return op->emitOpError("expects beside an operand that is not transposed a matrix of its ") << b->rows << " rows of "
           << b->elementType << ", got " << beside.getType() << (transposeB ? " and transpose_b" : "");
  int64_t depth = transposeB ? b->columns : b->rows, columns = transposeB ? b->rows : b->columns + right->columns;
  if (a->elementType != b->elementType) // MM1
    return op->emitOpError("expects operands of one element type, got ") << a->elementType << " and " << b->elementType;
  if (a->columns != depth) // MM1
    return op->emitOpError("expects the inner extents to agree, got ") << a->columns << " and " << depth;
  if (result.getDimSize(0) != a->rows || result.getDimSize(1) != columns) // MM1
    return op->emitOpError("expects a result of ") << a->rows << "x" << columns << ", got " << result;
  if (acc && acc.getType() != result) // MM2
    return op->emitOpError("expects an accumulator of type ") << result << ", got " << acc.getType();
  return success();
}

LogicalResult MmaOp::verify() {
  return verifyProduct(*this, cast<RankedTensorType>(getResult().getType()));
}

LogicalResult IssueMmaOp::verify() {
  return verifyProduct(*this, cast<PendingType>(getResult().getType()).getTile());
}

LogicalResult RowCeilingOp::verify() {
  if (Type element = cast<RankedTensorType>(getTile().getType()).getElementType(); !element.isF16() && !element.isBF16()) // RC1
    return emitOpError("expects elements of f16 or bf16, got ") << element;
  return success();
}

LogicalResult DetachSumsOp::verify() {
  auto tile = cast<RankedTensorType>(getTile().getType()), leading = cast<RankedTensorType>(getLeading().getType());
  auto sums = cast<RankedTensorType>(getSums().getType());
  if (leading.getRank() != 2 || sums.getRank() != 1 || tile.getRank() != 2 || tile.getDimSize(1) != leading.getDimSize(1) + kSumColumns ||
      tile.getDimSize(0) != leading.getDimSize(0) || tile.getDimSize(0) != sums.getDimSize(0)) // DS1
    return emitOpError("expects a tile of ") << kSumColumns << " columns more than the leading ones and of the rows of both results, got "
           << tile << " for " << leading << " and " << sums;
  return success();
}

/// Shared by tile.softmax_step (SS3) and tile.softmax_finish (SF1).
static LogicalResult verifyColumns(Operation *op, Type acc, Type matrix, StringRef name) {
  auto tile = cast<RankedTensorType>(acc);
  int64_t expected = cast<RankedTensorType>(matrix).getDimSize(1), more = tile.getRank() == 2 ? tile.getDimSize(1) - expected : -1;
  if (more != 0 && more != kSumColumns)
    return op->emitOpError("expects an accumulator with the ") << expected << " columns of the " << name << ", or " << kSumColumns
           << " more for sums, got " << acc;
  return success();
}

LogicalResult SoftmaxFinishOp::verify() {
  return verifyColumns(*this, getAcc().getType(), getOutput().getType(), "output"); // SF1
}

/// Whether all rows are known to be fresh, so that the sums do not matter: a constant, or a constant compared with itself,
/// which arith folds for scalars alone.
static bool isTrue(Value rows) {
  DenseElementsAttr constant;
  if (matchPattern(rows, m_Constant(&constant)))
    return constant.isSplat() && constant.getSplatValue<bool>();
  auto compare = rows.getDefiningOp<arith::CmpFOp>();
  return compare && compare.getPredicate() == arith::CmpFPredicate::OEQ && compare.getLhs() == compare.getRhs() &&
         matchPattern(compare.getLhs(), m_Constant(&constant)) && constant.isSplat() &&
         !constant.getSplatValue<APFloat>().isNaN();
}

OpFoldResult RowsAboveOp::fold(FoldAdaptor) { return isTrue(getFresh()) ? OpFoldResult(getFresh()) : OpFoldResult(); }

LogicalResult AnyAboveOp::canonicalize(AnyAboveOp op, PatternRewriter &rewriter) {
  if (!isTrue(op.getFresh()))
    return failure();
  rewriter.replaceOpWithNewOp<arith::ConstantOp>(op, rewriter.getBoolAttr(true));
  return success();
}

LogicalResult AwaitOp::verify() {
  if (cast<PendingType>(getPending().getType()).getTile() != getResult().getType())
    return emitOpError("expects the pending tile's type as result, got ") << getResult().getType();
  return success();
}

LogicalResult GatherOp::verify() {
  auto source = cast<MemRefType>(getSource().getType());
  auto result = cast<RankedTensorType>(getResult().getType());
  if (static_cast<int64_t>(getIndices().size()) != source.getRank()) // GA1
    return emitOpError("expects ") << source.getRank() << " index tiles, got " << getIndices().size();
  for (Type index : getIndices().getTypes())
    if (cast<RankedTensorType>(index) != result.clone(Builder(getContext()).getI32Type())) // GA1
      return emitOpError("expects index tiles of the result's shape, got ") << index << " for " << result;
  Type element = source.getElementType();
  bool real = element.isF32() || element.isF16() || element.isBF16();
  if (!(real && result.getElementType().isF32()) && !(element.isInteger(32) && element == result.getElementType())) // GA2
    return emitOpError("expects a result of f32, or of i32 for a source of i32, got ") << result << " for " << source;
  return success();
}

LogicalResult ElementOp::verify() {
  auto source = cast<MemRefType>(getSource().getType());
  if (static_cast<int64_t>(getIndices().size()) != source.getRank()) // EL1
    return emitOpError("expects ") << source.getRank() << " indices, got " << getIndices().size();
  Type element = source.getElementType(), result = getResult().getType();
  bool real = element.isF32() || element.isF16() || element.isBF16();
  if (!(real && result.isF32()) && !(element.isInteger(32) && element == result)) // EL2
    return emitOpError("expects a result of f32, or of i32 for a source of i32, got ") << result << " for " << source;
  return success();
}

LogicalResult SearchOp::verify() {
  auto source = cast<MemRefType>(getSource().getType());
  if (static_cast<int64_t>(getLeading().size()) != source.getRank() - 1) // SE1
    return emitOpError("expects ") << source.getRank() - 1 << " leading indices, got " << getLeading().size();
  if (!source.getElementType().isInteger(32)) // SE2
    return emitOpError("expects a source of i32, got ") << source;
  auto divide = static_cast<int64_t>(getDivide()), step = static_cast<int64_t>(getStep());
  if (divide < 1 || step < 0) // SE3
    return emitOpError("expects to divide by at least 1 and to step by at least 0, got ") << divide << " and " << step;
  return success();
}

LogicalResult ExtremesOp::verify() {
  auto source = cast<MemRefType>(getSource().getType());
  auto rank = static_cast<size_t>(source.getRank());
  if (getFirst().size() != rank || getLast().size() != rank) // EX1
    return emitOpError("expects ") << rank << " first and last indices, got " << getFirst().size() << " and "
                                   << getLast().size();
  if (!source.getElementType().isInteger(32)) // EX2
    return emitOpError("expects a source of i32, got ") << source;
  return success();
}

LogicalResult TabulateOp::verifyRegions() {
  Block &block = getBody().front();
  if (block.getNumArguments() != 1 || !block.getArgument(0).getType().isIndex() || !isa<KindOp>(block.back())) // TA1
    return emitOpError("expects a body that takes an index and ends with tile.kind, got arguments (")
           << SmallVector<Type>(block.getArgumentTypes()) << ") and " << block.back().getName();
  return success();
}

LogicalResult SoftmaxStepOp::verify() {
  if (getKeep() && cast<RankedTensorType>(getKeep().getType()).getShape() !=
                       cast<RankedTensorType>(getScores().getType()).getShape()) // SS1
    return emitOpError("expects keep to have the shape of the scores, got ") << getKeep().getType();
  if (getShift() && getShift().getType() != getScores().getType()) // SS2
    return emitOpError("expects a shift of the type of the scores, got ") << getShift().getType();
  if (failed(verifyColumns(*this, getAcc().getType(), getValues().getType(), "values"))) // SS3
    return failure();
  auto columnsOf = [](Value tile) { return cast<RankedTensorType>(tile.getType()).getDimSize(1); };
  if (getKeep() && columnsOf(getAcc()) != columnsOf(getValues())) // SS4
    return emitOpError("expects no keep where the accumulator has columns of sums: the sums are of all weights");
  return success();
}

LogicalResult KeepOp::verify() {
  if (int64_t threshold = getThresholdAttr().getInt(); threshold < 0 || threshold > int64_t(1) << 32) // KP1
    return emitOpError("expects a threshold from 0 to 2^32, got ") << threshold;
  if (getSeed().has_value() == static_cast<bool>(getSeedFrom())) // KP2
    return emitOpError("expects one of seed and seed_from");
  if (getRowsOfHead() % 16 != 0 || cast<RankedTensorType>(getType()).getDimSize(1) % 16 != 0) // KP3
    return emitOpError("expects rows of a head and columns to be multiples of 16, got ") << getType() << " of " << getPacked()
           << (getPacked() == 1 ? " head" : " heads");
  return success();
}

LogicalResult IndicesOp::verify() {
  if (std::optional<int64_t> bit = getClear(); bit && (*bit <= 0 || !llvm::isPowerOf2_64(*bit))) // IX1
    return emitOpError("expects to clear one bit, a power of two, got ") << *bit;
  return success();
}

LogicalResult ConvertLayoutOp::verify() {
  auto source = cast<RankedTensorType>(getSource().getType()), result = cast<RankedTensorType>(getResult().getType());
  if (source.getShape() != result.getShape() || source.getElementType() != result.getElementType()) // CV1
    return emitOpError("expects only the layout to differ, got ") << source << " and " << result;
  auto from = dyn_cast_or_null<LayoutAttr>(source.getEncoding());
  auto to = dyn_cast_or_null<LayoutAttr>(result.getEncoding());
  if (!from || !to || from.getKind() != LayoutKind::Accumulator || to.getKind() != LayoutKind::Operand ||
      from.getWarpgroups() != to.getWarpgroups() || source.getElementTypeBitWidth() != 16) // CV2
    return emitOpError("expects a conversion from accumulator to operand of a 16-bit tile, got ")
           << source << " and " << result;
  return success();
}

/// Shared by the region operations: RS1 and RM1.
static LogicalResult verifyBody(Operation *op, Region &body, ValueRange captures, SmallVector<Type> expected, Type yielded) {
  llvm::append_range(expected, captures.getTypes());
  Block &block = body.front();
  if (SmallVector<Type>(block.getArgumentTypes()) != expected)
    return op->emitOpError("expects a body that takes (")
           << expected << "), got (" << SmallVector<Type>(block.getArgumentTypes()) << ")";
  Value value = cast<YieldOp>(block.getTerminator()).getValue();
  if (!value || value.getType() != yielded)
    return op->emitOpError("expects a body that yields ")
           << yielded << ", got " << (value ? value.getType() : NoneType::get(op->getContext()));
  return success();
}

LogicalResult RegionScoreOp::verifyRegions() {
  Builder b(getContext());
  Type index = b.getIndexType();
  return verifyBody(*this, getBody(), getCaptures(), {b.getF32Type(), index, index, index, index}, b.getF32Type()); // RS1
}

LogicalResult RegionMaskOp::verifyRegions() {
  Builder b(getContext());
  Type index = b.getIndexType();
  return verifyBody(*this, getBody(), getCaptures(), {index, index, index, index}, b.getI1Type()); // RM1
}
