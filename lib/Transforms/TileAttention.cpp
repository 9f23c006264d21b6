// attn-tile-attention: writes attention as loops over tiles. From here on nothing knows of attention as such: there are
// loads, products, a mask and an online-softmax step, and the later passes work on those.
#include "attn/Transforms/Passes.h"

#include "HeadTile.h"

#include "attn/Analysis/PlanCost.h"
#include "attn/Dialect/Attn/IR/Attn.h"
#include "attn/Dialect/Tile/IR/KernelAttributes.h"
#include "attn/Dialect/Tile/IR/Layouts.h"
#include "attn/Dialect/Tile/IR/Tile.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Remarks.h"
#include "llvm/Support/FormatVariadic.h"

#include <cmath>
#include <limits>

namespace mlir::attn {
#define GEN_PASS_DEF_ATTNTILEATTENTION
#include "attn/Transforms/Passes.h.inc"
} // namespace mlir::attn

using namespace mlir;
using namespace mlir::attn;

/// The tensor in memory: any strides, but consecutive elements along head_dim where it has one. Every extent but head_dim is a launch
/// argument even where the spec fixes it, so that no later folding makes the kernel's program grid depend on the spec;
/// the launch checks the fixed ones (kShapesAttr).
static MemRefType getMemRefType(RankedTensorType type, bool captured) {
  SmallVector<int64_t> extents(type.getRank(), ShapedType::kDynamic), strides(type.getRank(), ShapedType::kDynamic);
  if (type.getRank() == 4 && !captured) {
    extents.back() = type.getShape().back();
    strides.back() = 1;
  }
  return MemRefType::get(extents, type.getElementType(),
                         StridedLayoutAttr::get(type.getContext(), /*offset=*/0, strides));
}

constexpr static double log2e = 1.4426950408889634;

namespace {
/// Builds the tiled kernel in the place of one attention.
class Tiler {
public:
  Tiler(func::FuncOp func, AttentionOp op, tile::PlanAttr plan)
      : func(func), op(op), plan(plan), b(op), loc(op.getLoc()) {
    double scale = op.getScaleOrDefault() * log2e; // weights are powers of two
    // The maximum of scaled scores is the scaled maximum only for a positive scale; else scores are scaled themselves.
    scaleInStep = scale > 0 && op.getScore().empty();
    stepScale = scaleInStep ? scale : 1.0;
    scoreScale = scale;
    // A score region sees scores in natural units.
    if (!op.getScore().empty())
      scoreScale = op.getScaleOrDefault(), stepScale = log2e;
    headDim = op.getHeadDim(), valueDim = op.getValueDim();
    packed = plan.getPackedHeads();
  }

  void run() {
    if (packed > 1)
      remark::passed(loc, remark::RemarkOpts::name("packed").category("attn-tile-attention"))
          << llvm::formatv("a tile holds {0} queries of each of {1} heads with the same keys", plan.getQueriesOfHead(), packed).str();
    replaceSignature();
    emitExtents();
    scf::ForallOp::create(b, loc, ArrayRef<OpFoldResult>{batches, headTiles, queryTiles}, ValueRange(), std::nullopt,
                          [&](OpBuilder &nested, Location, ValueRange ids) {
                            b = nested;
                            emitQueryTile(ids[0], ids[1], ids[2]);
                            scf::InParallelOp::create(b, loc);
                          });
    finish();
  }

private:
  Value index(int64_t value) { return arith::ConstantIndexOp::create(b, loc, value); }
  Value splat(RankedTensorType type, float value) {
    return arith::ConstantOp::create(b, loc, DenseElementsAttr::get(type, value));
  }
  RankedTensorType f32Tile(ArrayRef<int64_t> shape) { return RankedTensorType::get(shape, b.getF32Type()); }
  Value extent(Value memref, int64_t axis) { return b.createOrFold<memref::DimOp>(loc, memref, axis); }

  void replaceSignature();
  void emitExtents();
  /// Where one program's sequence lies in the tensors of queries or of keys, and how long it is.
  struct Side {
    Value batch;  ///< in memory
    Value start;  ///< its first row in memory; null: 0
    Value length; ///< rows that are not padding
    Value end;    ///< where reading ends in memory; null: only with the tensor
    Value last;   ///< where the sequence ends in memory, padding included; null: only with the tensor
  };
  bool isRagged() const { return queryLengths || kvLengths || queryOffsets || kvOffsets; }
  Value within(Value numbers, Value at, Value least, Value most);
  Side emitSide(Value tensor, Value offsets, Value lengths, Value sequence);
  std::pair<Value, Value> emitSequence(Value slot);
  void emitSides(Value sequence, Value queryRow);
  Value rowIn(const Side &side, Value row) { return side.start ? b.createOrFold<arith::AddIOp>(loc, side.start, row) : row; }
  void emitQueryTile(Value batch, Value headTile, Value tileIndex);
  scf::ForOp emitKeyLoop(Value batch, Value head, Value kvHead, Value query, Value queryTile);
  int64_t sumColumns();
  bool drops() { return op.getDropout() && op.getDropout()->getThreshold() != 0; }
  Value emitKeep(ValueRange at);
  Value emitSink(Value head);
  template <typename RegionOp> Value applyRegion(Region &region, Value scores, ValueRange at);
  void finish();

  func::FuncOp func;
  AttentionOp op;
  tile::PlanAttr plan;
  OpBuilder b;
  Location loc;
  bool scaleInStep;
  float stepScale, scoreScale;
  int64_t headDim, valueDim;
  int64_t packed; ///< heads of a query tile
  Value query, key, value, output, lse;
  SmallVector<Value> captures;
  Value queryLengths, kvLengths, queryOffsets, kvOffsets; ///< null without
  Value batches, headTiles, queryTiles, kvLength, diagonal;
  Value queryCount; ///< queries of the program's sequence where rows beyond them need a mask
  Side querySide, kvSide;
};
} // namespace

void Tiler::replaceSignature() {
  Block &entry = func.getBody().front();
  SmallVector<Attribute> roles, shapes;
  auto describe = [&](StringRef name, Type type) {
    auto tensor = cast<RankedTensorType>(type);
    roles.push_back(b.getStringAttr(name));
    shapes.push_back(b.getDenseI64ArrayAttr(tensor.getShape()));
    return getMemRefType(tensor, name == "capture");
  };
  constexpr StringLiteral inputs[] = {"query", "key", "value"};
  for (auto [argument, name] : llvm::zip(entry.getArguments(), inputs))
    argument.setType(describe(name, argument.getType()));
  query = entry.getArgument(0), key = entry.getArgument(1), value = entry.getArgument(2);
  queryLengths = op.getQueryLengths(), kvLengths = op.getKvLengths();
  queryOffsets = op.getQueryOffsets(), kvOffsets = op.getKvOffsets();
  captures.assign(op.getCaptures().begin(), op.getCaptures().end());
  for (BlockArgument argument : entry.getArguments().drop_front(3)) {
    StringRef name = argument == queryLengths   ? "query_lengths"
                     : argument == kvLengths    ? "kv_lengths"
                     : argument == queryOffsets ? "query_offsets"
                     : argument == kvOffsets    ? "kv_offsets"
                                                : "capture";
    argument.setType(describe(name, argument.getType()));
  }
  auto append = [&](Value result, StringRef name) { return entry.addArgument(describe(name, result.getType()), loc); };
  output = append(op.getOutput(), "output");
  if (op.getLse())
    lse = append(op.getLse(), "lse");
  func.setType(FunctionType::get(func.getContext(), entry.getArgumentTypes(), {}));
  func->setAttr(tile::kRolesAttr, b.getArrayAttr(roles));
  func->setAttr(tile::kShapesAttr, b.getArrayAttr(shapes));
  func->setAttr(tile::kHeadsPerGroupAttr, b.getI64IntegerAttr(op.getHeads().getGroupSize()));
}

void Tiler::emitExtents() {
  batches = extent(query, 0);
  headTiles = b.createOrFold<arith::DivUIOp>(loc, extent(query, 1), index(packed));
  Value queryLength = extent(query, 2);
  kvLength = extent(key, 2);
  // d of #attn.causality: where the diagonal starts.
  diagonal = op.getCausalityOrNone().isBottomRightAligned()
                 ? Value(arith::SubIOp::create(b, loc, kvLength, queryLength))
                 : index(0);
  if (queryOffsets) { // the slots of emitSequence
    Value sequences = arith::SubIOp::create(b, loc, extent(queryOffsets, 0), index(1));
    Value whole = arith::DivUIOp::create(b, loc, queryLength, index(plan.getQueriesOfHead()));
    queryTiles = arith::AddIOp::create(b, loc, whole, sequences);
    return;
  }
  Value rounded = arith::AddIOp::create(b, loc, queryLength, index(plan.getQueriesOfHead() - 1));
  queryTiles = arith::DivUIOp::create(b, loc, rounded, index(plan.getQueriesOfHead()));
}

/// A number from memory, brought into bounds, so that no value of it leads outside of a tensor.
Value Tiler::within(Value numbers, Value at, Value least, Value most) {
  Value given = tile::ElementOp::create(b, loc, b.getI32Type(), numbers, at);
  given = arith::IndexCastOp::create(b, loc, b.getIndexType(), given);
  return arith::MaxSIOp::create(b, loc, arith::MinSIOp::create(b, loc, given, most), least);
}

/// The sequence of a slot of query tiles, and its tile. Sequence s has the slots from offsets[s] / tile + s on: that many
/// are enough for any lengths, the number rises with s, and all sequences together take one slot more than they would
/// without ends in between, for each sequence. A slot that its sequence does not need has a tile beyond the last row.
std::pair<Value, Value> Tiler::emitSequence(Value slot) {
  int64_t rows = plan.getQueriesOfHead();
  Value sequences = arith::SubIOp::create(b, loc, extent(queryOffsets, 0), index(1));
  Value after = arith::AddIOp::create(b, loc, slot, index(1));
  Value next = tile::SearchOp::create(b, loc, queryOffsets, ValueRange(), index(1), sequences, after, rows, /*step=*/1);
  Value sequence = arith::SubIOp::create(b, loc, next, index(1));
  Value offset = within(queryOffsets, sequence, index(0), extent(query, 2));
  Value first = arith::AddIOp::create(b, loc, arith::DivUIOp::create(b, loc, offset, index(rows)), sequence);
  Value tile = arith::SubIOp::create(b, loc, slot, first);
  return {sequence, arith::MaxSIOp::create(b, loc, tile, index(0))};
}

Tiler::Side Tiler::emitSide(Value tensor, Value offsets, Value lengths, Value sequence) {
  Side side;
  side.batch = sequence;
  Value rows = extent(tensor, 2);
  if (offsets) {
    side.batch = index(0);
    side.start = within(offsets, sequence, index(0), rows);
    side.last = within(offsets, arith::AddIOp::create(b, loc, sequence, index(1)), side.start, rows);
    rows = arith::SubIOp::create(b, loc, side.last, side.start);
  }
  side.length = lengths ? within(lengths, sequence, index(0), rows) : rows;
  if (offsets || lengths)
    side.end = rowIn(side, side.length);
  return side;
}

/// The sequence's lengths in the place of the tensors' extents. A query tile without a query sees no keys, so that it
/// visits no block, and writes what a query without keys gets, or nothing where it lies behind its sequence.
void Tiler::emitSides(Value sequence, Value queryRow) {
  querySide = emitSide(query, queryOffsets, queryLengths, sequence);
  kvSide = emitSide(key, kvOffsets, kvLengths, sequence);
  kvLength = kvSide.length;
  if (op.getCausalityOrNone().isBottomRightAligned())
    diagonal = arith::SubIOp::create(b, loc, kvLength, querySide.length);
  if (queryLengths)
    queryCount = querySide.length;
  if (!querySide.end)
    return;
  Value hasQueries = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::slt, queryRow, querySide.length);
  kvLength = arith::SelectOp::create(b, loc, hasQueries, kvLength, index(0));
}

void Tiler::emitQueryTile(Value batch, Value headTile, Value tileIndex) {
  Type elementType = cast<MemRefType>(query.getType()).getElementType();
  Value head = b.createOrFold<arith::MulIOp>(loc, headTile, index(packed));
  // Where heads are packed they are of one group.
  Value kvHead = b.createOrFold<arith::DivUIOp>(loc, headTile, index(op.getHeads().getGroupSize() / packed));
  if (queryOffsets)
    std::tie(batch, tileIndex) = emitSequence(tileIndex);
  Value row = arith::MulIOp::create(b, loc, tileIndex, index(plan.getQueriesOfHead()));
  querySide.batch = kvSide.batch = batch;
  if (isRagged())
    emitSides(batch, row);
  auto queryType = RankedTensorType::get({plan.getQueryTile(), headDim}, elementType);
  Value memoryRow = rowIn(querySide, row);
  Value queryTile = tile::LoadOp::create(b, loc, queryType, query, querySide.batch, head, memoryRow, querySide.end, packed);
  scf::ForOp loop = emitKeyLoop(batch, head, kvHead, row, queryTile);
  auto outputType = RankedTensorType::get({plan.getQueryTile(), valueDim}, elementType);
  // Kept weights are scaled all at once: 1 / (1 - p) goes with the division by the row sum.
  FloatAttr weight =
      drops() ? b.getF32FloatAttr(static_cast<float>(1 / (1 - op.getDropout()->getProbability().getValueAsDouble())))
              : FloatAttr();
  auto finished =
      tile::SoftmaxFinishOp::create(b, loc, outputType, f32Tile({plan.getQueryTile()}), loop.getResult(0),
                                    loop.getResult(1), loop.getResult(2), op.getSinks() ? emitSink(head) : Value(),
                                    b.getF32FloatAttr(stepScale), weight);
  tile::StoreOp::create(b, loc, finished.getOutput(), output, querySide.batch, head, memoryRow, querySide.last, /*stage=*/Value(), packed);
  if (lse)
    tile::StoreOp::create(b, loc, finished.getLse(), lse, querySide.batch, head, memoryRow, querySide.last, /*stage=*/Value(), packed);
}

/// Columns of the accumulator for the sums of the weights: such sums are of the rounded weights that dropout keeps, and the ones
/// that make them stand behind values of one chunk of shared memory.
int64_t Tiler::sumColumns() {
  if (!plan.getSumColumn())
    return 0;
  auto options = remark::RemarkOpts::name("sum-column").category("attn-tile-attention");
  const char *why = lse ? "the log-sum-exp is stored" : drops() ? "dropout leaves out weights that count in the sum"
                    : valueDim != ::attn::analysis::valueDimWithSums ? "value_dim is not 64" : nullptr;
  if (why) {
    remark::missed(loc, options) << (Twine("sums are not a column of the accumulator: ") + why).str();
    return 0;
  }
  remark::passed(loc, options) << "the product with the values makes the sums of the weights too";
  return tile::kSumColumns;
}

scf::ForOp Tiler::emitKeyLoop(Value batch, Value head, Value kvHead, Value queryRow, Value queryTile) {
  Type elementType = cast<MemRefType>(query.getType()).getElementType();
  RankedTensorType rowType = f32Tile({plan.getQueryTile()});
  RankedTensorType scoreType = f32Tile({plan.getQueryTile(), plan.getKvTile()});
  Value acc = splat(f32Tile({plan.getQueryTile(), valueDim + sumColumns()}), 0.0f);
  Value rowMax = splat(rowType, -std::numeric_limits<float>::infinity());
  Value rowSum =
      tile::EmptySumOp::create(b, loc, tile::PartialType::get(b.getContext(), plan.getQueryTile(), b.getF32Type()));
  Value kvTile = index(plan.getKvTile());
  Value rounded = arith::AddIOp::create(b, loc, kvLength, index(plan.getKvTile() - 1));
  Value blocks = arith::DivUIOp::create(b, loc, rounded, kvTile);
  CausalityAttr causality = op.getCausalityOrNone();
  auto bound = [&](std::optional<int64_t> offset) { return offset ? b.getI64IntegerAttr(*offset) : IntegerAttr(); };

  return scf::ForOp::create(
      b, loc, index(0), blocks, index(1), ValueRange{acc, rowMax, rowSum},
      [&](OpBuilder &nested, Location, Value block, ValueRange state) {
        OpBuilder::InsertionGuard guard(b);
        b.setInsertionPoint(nested.getInsertionBlock(), nested.getInsertionPoint());
        Value keyRow = arith::MulIOp::create(b, loc, block, kvTile);
        auto load = [&](Value source, int64_t columns) {
          auto type = RankedTensorType::get({plan.getKvTile(), columns}, elementType);
          return tile::LoadOp::create(b, loc, type, source, kvSide.batch, kvHead, rowIn(kvSide, keyRow), kvSide.end);
        };
        Value keys = load(key, headDim);
        Value values = load(value, valueDim);
        Value scores = tile::MmaOp::create(b, loc, scoreType, queryTile, keys, /*acc=*/Value(), /*beside=*/Value(), /*transpose_b=*/true);
        if (!scaleInStep)
          scores = arith::MulFOp::create(b, loc, scores, splat(scoreType, scoreScale));
        Value at[] = {batch, head, queryRow, keyRow};
        if (!op.getScore().empty())
          scores = applyRegion<tile::RegionScoreOp>(op.getScore(), scores, at);
        if (!op.getMask().empty())
          scores = applyRegion<tile::RegionMaskOp>(op.getMask(), scores, at);
        scores = tile::BandMaskOp::create(b, loc, scores, queryRow, keyRow, kvLength, diagonal,
                                          bound(causality.getLowerOffset()), bound(causality.getUpperOffset()),
                                          queryCount, packed);
        Value keep = drops() ? emitKeep(at) : Value();
        auto step = tile::SoftmaxStepOp::create(b, loc, scores, values, state[0], state[1], state[2], /*shift=*/Value(), keep,
                                                b.getF32FloatAttr(stepScale));
        scf::YieldOp::create(b, loc, step.getResults());
      });
}

/// Which weights of a block dropout keeps; `at`: batch, head, first query, first key.
Value Tiler::emitKeep(ValueRange at) {
  auto type = RankedTensorType::get({plan.getQueryTile(), plan.getKvTile()}, b.getI1Type());
  DropoutAttr dropout = *op.getDropout();
  std::optional<uint64_t> number = dropout.getSeed();
  return tile::KeepOp::create(b, loc, type, at[0], at[1], at[2], at[3], op.getSeed(),
                              b.getI64IntegerAttr(static_cast<int64_t>(dropout.getThreshold())),
                              number ? b.getI64IntegerAttr(static_cast<int64_t>(*number)) : IntegerAttr(),
                              b.getI64IntegerAttr(packed));
}

/// The sink of each row's head.
Value Tiler::emitSink(Value head) {
  auto type = RankedTensorType::get({plan.getQueryTile()}, b.getI32Type());
  Value heads = emitHeads(b, loc, type, head, packed);
  return tile::GatherOp::create(b, loc, f32Tile(type.getShape()), op.getSinks(), heads);
}

/// Puts a region of the attention on an operation on the scores of a block; `at`: batch, head, first query, first key.
template <typename RegionOp> Value Tiler::applyRegion(Region &region, Value scores, ValueRange at) {
  auto applied = RegionOp::create(b, loc, scores.getType(), scores, at[0], at[1], at[2], at[3], captures, op.getSortedAttr(), packed);
  OpBuilder::InsertionGuard guard(b);
  Block *body = b.createBlock(&applied.getBody());
  IRMapping mapping;
  Block &source = region.front();
  unsigned leading = source.getNumArguments() - captures.size();
  for (BlockArgument argument : source.getArguments()) {
    bool captured = argument.getArgNumber() >= leading;
    Type type = captured ? captures[argument.getArgNumber() - leading].getType() : argument.getType();
    mapping.map(argument, body->addArgument(type, argument.getLoc()));
  }
  for (Operation &inner : source) {
    if (auto yield = dyn_cast<mlir::attn::YieldOp>(inner))
      tile::YieldOp::create(b, inner.getLoc(), mapping.lookup(yield.getValue()));
    else if (auto extract = dyn_cast<tensor::ExtractOp>(inner)) {
      auto indices = llvm::map_to_vector(extract.getIndices(), [&](Value index) { return mapping.lookup(index); });
      mapping.map(extract.getResult(), memref::LoadOp::create(b, inner.getLoc(), mapping.lookup(extract.getTensor()), indices).getResult());
    } else if (auto dim = dyn_cast<tensor::DimOp>(inner))
      mapping.map(dim.getResult(), memref::DimOp::create(b, inner.getLoc(), mapping.lookup(dim.getSource()), *dim.getConstantIndex()).getResult());
    else
      b.clone(inner, mapping);
  }
  return applied.getResult();
}

void Tiler::finish() {
  Operation *terminator = func.getBody().front().getTerminator();
  b.setInsertionPoint(terminator);
  func::ReturnOp::create(b, loc);
  terminator->erase();
  op.erase();
}

namespace {
struct TileAttention : mlir::attn::impl::AttnTileAttentionBase<TileAttention> {
  void runOnOperation() override {
    func::FuncOp func = getOperation();
    auto plan = func->getAttrOfType<tile::PlanAttr>(tile::kPlanAttr);
    SmallVector<AttentionOp> attentions(func.getOps<AttentionOp>());
    if (!plan || attentions.size() != 1) {
      func.emitOpError("expects one attn.attention and a plan, got ")
          << attentions.size() << (plan ? " and a plan" : " and no plan") << "; run attn-choose-plan first";
      return signalPassFailure();
    }
    Tiler(func, attentions.front(), plan).run();
  }
};
} // namespace
