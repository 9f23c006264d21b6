// attn-choose-plan: checks that the target can compute an attention, and decides how it is tiled and scheduled there.
// Everything a later pass needs to know of the target reaches it through the plan.
#include "attn/Transforms/Passes.h"

#include "PlanChoice.h"
#include "RegionLanguage.h"
#include "ShortPrograms.h"

#include "attn/Analysis/PlanCost.h"
#include "attn/Dialect/Attn/IR/Attn.h"
#include "attn/Dialect/Tile/IR/KernelAttributes.h"
#include "attn/Dialect/Tile/IR/Layouts.h"
#include "attn/Dialect/Tile/IR/Tile.h"
#include "attn/Target/Gpu.h"

#include "mlir/AsmParser/AsmParser.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Remarks.h"
#include "llvm/Support/MathExtras.h"

namespace mlir::attn {
#define GEN_PASS_DEF_ATTNCHOOSEPLAN
#include "attn/Transforms/Passes.h.inc"
} // namespace mlir::attn

using namespace mlir;
using namespace mlir::attn;

/// Returns the one attention of a kernel function, or reports what else stands there.
static FailureOr<AttentionOp> getOnlyAttention(func::FuncOp func) {
  AttentionOp attention;
  for (Operation &op : func.getBody().front()) {
    if (isa<func::ReturnOp>(op))
      continue;
    auto candidate = dyn_cast<AttentionOp>(op);
    if (!candidate || attention)
      return op.emitOpError("is not lowered: expects a kernel function to hold one attn.attention and its return"),
             failure();
    attention = candidate;
  }
  if (!attention)
    return func.emitOpError("expects an attn.attention in the kernel function"), failure();
  // Regions made of clauses read extents, lengths and offsets, which are then captured besides.
  Value besides[] = {attention.getQuery(),        attention.getKey(),          attention.getQueryLengths(),
                     attention.getKvLengths(), attention.getQueryOffsets(), attention.getKvOffsets()};
  SmallVector<Value> operands;
  for (auto [i, operand] : llvm::enumerate(attention.getOperands()))
    if (i < 3 || i >= 3 + attention.getCaptures().size() || !llvm::is_contained(besides, operand))
      operands.push_back(operand);
  if (SmallVector<Value>(func.getArguments()) != operands)
    return attention.emitOpError("expects its operands to be the kernel function's arguments, in order"), failure();
  Operation *terminator = func.getBody().front().getTerminator();
  if (SmallVector<Value>(terminator->getOperands()) != SmallVector<Value>(attention.getResults()))
    return terminator->emitOpError("expects the kernel function to return the attention's results, in order"),
           failure();
  return attention;
}

/// Refuses by name what no lowering of this version does.
static LogicalResult verifyLowerable(AttentionOp op, bool gpu) {
  auto refuse = [&](StringRef what) { return op.emitOpError("is not lowered yet with ") << what; };
  if (gpu && cast<RankedTensorType>(op.getQuery().getType()).getElementType().isF32())
    return refuse("f32 on a GPU: use f16 or bf16, or target = cpu");
  return verifyRegionLanguage(op);
}

/// Whether all query tiles are the same work, with arithmetic on scores that is longer than a product. With arithmetic on positions a
/// block a program was then faster than a persistent kernel. Under a causal mask balance weighs more.
static bool hasEvenScores(AttentionOp op) { return !op.getScore().empty() && !op.getCausalityOrNone().getUpperOffset(); }

static bool drops(AttentionOp op) { return op.getDropout() && op.getDropout()->getThreshold() != 0; }

/// Dropped weights of both references would be live at once.
static int64_t thresholdOf(AttentionOp op) { return drops(op) ? 0 : 15; }

/// Columns of a key/value tile that leave registers for the arithmetic of regions: every value of a long region, and every
/// address of a captured buffer, is live for the whole tile. `byRegisters`: the most columns without such arithmetic.
static int64_t limitByRegions(AttentionOp op, int64_t byRegisters) {
  // Random words take the registers of one element's chain besides the weights.
  int64_t widest = std::max(op.getHeadDim(), op.getValueDim());
  int64_t byDropout = !drops(op) ? 256 : widest > 160 ? 48 : widest <= 64 ? 64 : 96;
  if (op.getScore().empty() && op.getMask().empty())
    return std::min(byDropout, largestKeys);
  int64_t weight = 0, byLoads = largestKeys;
  for (Region *region : {&op.getScore(), &op.getMask()}) {
    unsigned query = region == &op.getScore() ? 3 : 2;
    DenseMap<Value, unsigned> axes; // bit 0: depends on the query, bit 1: on the key
    for (Operation &inner : region->getOps()) {
      unsigned all = 0;
      for (Value operand : inner.getOperands()) {
        auto argument = dyn_cast<BlockArgument>(operand);
        all |= argument ? (argument.getArgNumber() == query) | (argument.getArgNumber() == query + 1) << 1 : axes.lookup(operand);
      }
      for (Value result : inner.getResults())
        axes[result] = all;
      // An element that the key alone chooses is read once for a column of the tile, but held for all of them.
      if (isa<tensor::ExtractOp>(inner) && (all & 2))
        byLoads = std::min<int64_t>(byLoads, all == 3 ? 64 : byRegisters * 2 / 3);
      bool divides = isa<arith::DivSIOp, arith::DivUIOp, arith::RemSIOp, arith::RemUIOp, arith::FloorDivSIOp,
                         arith::CeilDivSIOp, arith::CeilDivUIOp>(inner);
      if (!isa<arith::ConstantOp, mlir::attn::YieldOp>(inner))
        weight += divides ? 8 : 1;
    }
  }
  // Bounds below which few random regions spill; the compiler takes a smaller tile where one does.
  return std::min({byDropout, byLoads, weight > 40 ? int64_t(48) : weight > 20 ? 64 : largestKeys});
}

/// Whether the work of a query tile is the same for all or grows with its number. Where it is not, a block a program balances
/// better: the GPU gives the next program to the block that ends first.
static bool isEven(AttentionOp op) { return op.getMask().empty() && !hasSequences(op); }

/// Two or three blocks of one warpgroup for programs of few keys: one computes while another starts or ends. Null where no
/// such tiles fit. After a search, two stages with the keys first are 4 % faster than three in order; under a table three are,
/// by a tenth, and else there is little between them (docs/measured/h100-checks.md, "Small tiles").
static tile::PlanAttr chooseSmallPlan(AttentionOp op, MLIRContext *context, int64_t threshold, SmallTiles tiles) {
  constexpr int64_t least = 32, most = 64;
  int64_t limit = std::min(most, limitByRegions(op, keysByRegisters(op, 1, tiles.residency)));
  tile::PlanAttr::Fields fields{"sm_90a", /*queryTile=*/64};
  fields.warpgroups = 1, fields.overlap = true, fields.rescaleThreshold = threshold, fields.keysFirst = tiles.searched;
  fields.residency = tiles.residency, fields.split = tiles.split, fields.packedHeads = tiles.packedHeads, fields.leastPart = tiles.leastPart;
  for (int64_t stages : {3, 2}) {
    fields.stages = stages, fields.kvTile = largestKvTile(op, 1, stages, limit, tiles.residency);
    if (fields.kvTile >= (stages == 3 ? limit / 16 * 16 : least) && (stages == 2 || !tiles.searched))
      return tile::PlanAttr::get(context, fields);
  }
  return {};
}

/// Whether heads may share a tile: which keys a tile visits may not be a matter of its head.
static bool mayPackHeads(AttentionOp op) { return op.getMask().empty() || op.getMask().getArgument(1).use_empty(); }

/// Heads of a group that should share tiles of `rows` rows: the fewest that make the fewest tiles, where queries are known.
static int64_t headsOfTile(AttentionOp op, int64_t rows) {
  auto query = cast<RankedTensorType>(op.getQuery().getType());
  int64_t group = op.getHeads().getGroupSize(), best = 1;
  if (query.isDynamicDim(2) || op.getQueryLengths() || op.getQueryOffsets() || !mayPackHeads(op))
    return best;
  auto tilesWith = [&](int64_t heads) { return group / heads * llvm::divideCeil(query.getDimSize(2), rows / heads); };
  for (int64_t heads = 2; rows >= tile::kWarpRows * heads && group % heads == 0; heads *= 2)
    if (tilesWith(heads) < tilesWith(best))
      best = heads;
  return best;
}

static std::string count(int64_t number, StringRef one, StringRef several) {
  return llvm::formatv("{0} {1}", number, number == 1 ? one : several);
}

/// Where launches are known to have few queries, as in decoding: small tiles, filled by the heads of a group. If they see all keys,
/// blocks share the keys of a program, as many as the launch finds worth it. Null elsewhere. Measured on an H100
/// (docs/measured/h100-masks.md, "Shared programs").
static std::optional<PlanChoice> chooseDecodingPlan(AttentionOp op, MLIRContext *context, int64_t lengthHint) {
  constexpr int64_t rows = 64, columns = 64, most = 8, leastPart = 16;
  auto query = cast<RankedTensorType>(op.getQuery().getType());
  if (query.isDynamicDim(2) || op.getQueryLengths() || op.getQueryOffsets() || !op.getMask().empty())
    return std::nullopt;
  int64_t packed = headsOfTile(op, rows), tiles = llvm::divideCeil(query.getDimSize(2), rows / packed);
  CausalityAttr causality = op.getCausalityOrNone();
  bool all = !causality.getLowerOffset() && (!causality.getUpperOffset() || causality.isBottomRightAligned());
  if (tiles > 1) { // large tiles have fewer of them, unless not even small ones are enough for the machine
    int64_t programs = query.isDynamicDim(0) ? INT64_MAX / 2 : query.getDimSize(0) * op.getHeads().getQuery() / packed * tiles;
    int64_t keys = keyOf(op, lengthHint).length;
    if (!all || hasSequences(op) || 2 * programs > ::attn::target::hopper.multiprocessors || keys < 2 * leastPart * columns)
      return std::nullopt;
  }
  tile::PlanAttr plan = chooseSmallPlan(op, context, thresholdOf(op), {2, false, all ? most : 1, packed, all ? leastPart : 0});
  if (!plan)
    return std::nullopt;
  return PlanChoice{plan, llvm::formatv("for {0} of each of {1}, {2}", count(query.getDimSize(2), "query", "queries"),
                                        count(packed, "head", "heads"),
                                        all ? "whose keys blocks share as a launch decides" : "whose keys are few")};
}

constexpr static int64_t fewKeys = 64; ///< columns of a small key/value tile

/// Whether masks that are cheap and read no buffer stand in the way of the table, which has tiles of 192 queries for these
/// head_dims. A prefix of 1024 keys at S 8192 takes 2 % less with three warpgroups of 64 keys than with two of 128.
static bool hasCheapMask(AttentionOp op) {
  return !op.getMask().empty() && op.getScore().empty() && !hasSequences(op) && !drops(op) &&
         !isNarrow(op) && keysByRegisters(op, 3) >= fewKeys && limitByRegions(op, largestKeys) == largestKeys;
}

/// Warpgroups of a block: three where the accumulators are small. Three, with small key/value tiles, also where a score takes long
/// and reads no buffer at a key: the products of two warpgroups then run under the arithmetic of the third.
static int64_t chooseWarpgroups(AttentionOp op) {
  if (isNarrow(op) || hasCheapMask(op))
    return 3;
  int64_t keys = keysByRegisters(op, 3);
  return hasEvenScores(op) && keys >= fewKeys && limitByRegions(op, keys) > fewKeys ? 3 : 2;
}

/// Tile sizes for sm_90a. Rows are 64 a warpgroup. The key/value tile
/// is the largest whose accumulators (scores and output f32), weights (16 bit, of this block and of the one before) and
/// rings fit a thread and a block.
static tile::PlanAttr chooseHopperPlan(AttentionOp op, MLIRContext *context, int64_t length) {
  int64_t threshold = thresholdOf(op);
  if (SmallTiles tiles = hasSequences(op) ? SmallTiles{1} : smallTilesOf(op, length); tiles.residency > 1)
    if (tile::PlanAttr small = chooseSmallPlan(op, context, threshold, tiles))
      return small;
  int64_t warpgroups = chooseWarpgroups(op);
  tile::PlanAttr::Fields fields{"sm_90a", 64 * warpgroups};
  fields.warpgroups = warpgroups, fields.stages = 2, fields.rescaleThreshold = threshold, fields.overlap = true;
  int64_t most = limitByRegions(op, keysByRegisters(op, warpgroups));
  if (hasCheapMask(op))
    most = fewKeys, fields.stagedStores = fields.ascending = true;
  fields.kvTile = largestKvTile(op, warpgroups, fields.stages, most);
  bool scores = hasEvenScores(op), softcap = scores && isEven(op) && hasPlainScores(op) && warpgroups == 3;
  fields.pingPong = scores && warpgroups == 2, fields.keysFirst = warpgroups == 3 && !scores;
  fields.persistent = isEven(op) && (!scores || softcap);
  if (softcap) // 3 % fewer cycles (docs/measured/h100-masks.md, "Softcap")
    fields.stagedStores = fields.ascending = fields.ownEnds = true;
  // Under a prefix 4 % faster; under a softcap or ALiBi no difference was seen.
  fields.sumColumn = op.getScore().empty() && !op.getLse() && threshold > 0 && op.getValueDim() == ::attn::analysis::valueDimWithSums;
  return tile::PlanAttr::get(context, fields);
}

static tile::PlanAttr chooseCpuPlan(AttentionOp op, MLIRContext *context) {
  tile::PlanAttr::Fields fields{"cpu", /*queryTile=*/64, /*kvTile=*/128};
  fields.packedHeads = headsOfTile(op, fields.queryTile);
  return tile::PlanAttr::get(context, fields);
}

/// Refuses a given plan that is not one for this attention.
static LogicalResult verifyGiven(AttentionOp op, tile::PlanAttr plan) {
  int64_t packed = plan.getPackedHeads(), group = op.getHeads().getGroupSize();
  if (group % packed != 0)
    return op.emitOpError("expects packed_heads of the plan to divide the ")
           << group << " query heads of a key/value head, got " << packed;
  if (packed > 1 && !mayPackHeads(op))
    return op.emitOpError("expects packed_heads = 1 of the plan, as the mask region reads the head and a tile visits the same keys "
                          "for all its heads, got ")
           << packed;
  return success();
}

namespace {
struct ChoosePlan : mlir::attn::impl::AttnChoosePlanBase<ChoosePlan> {
  using AttnChoosePlanBase::AttnChoosePlanBase;

  void runOnOperation() override {
    func::FuncOp func = getOperation();
    bool gpu = target != "cpu";
    if (gpu && target != "sm_90a") {
      func.emitError("expects the target to be cpu or sm_90a, got '") << target << "'";
      return signalPassFailure();
    }
    FailureOr<AttentionOp> attention = getOnlyAttention(func);
    if (failed(attention) || failed(verifyLowerable(*attention, gpu)))
      return signalPassFailure();
    FailureOr<PlanChoice> chosen = getPlan(func, *attention, gpu);
    if (failed(chosen))
      return signalPassFailure();
    func->setAttr(tile::kPlanAttr, chosen->plan);
    remark::analysis(func.getLoc(), remark::RemarkOpts::name("plan").category("attn-choose-plan"))
        << llvm::formatv("{0}, {1}", Attribute(chosen->plan), chosen->reason).str();
  }

  FailureOr<PlanChoice> getPlan(func::FuncOp func, AttentionOp attention, bool gpu) {
    auto given = func->getAttrOfType<tile::PlanAttr>(tile::kPlanAttr);
    if (!plan.empty()) {
      given = dyn_cast_or_null<tile::PlanAttr>(parseAttribute(plan, &getContext()));
      if (!given)
        return func.emitError("expects the plan option to be a #tile.plan attribute, got '") << plan << "'", failure();
    }
    if (!given && !gpu)
      return PlanChoice{chooseCpuPlan(attention, &getContext()), "the one for this target"};
    if (!given)
      return choosePlan(attention, chooseHopperPlan(attention, &getContext(), lengthHint > 0 ? int64_t(lengthHint) : 8192),
                        limitByRegions(attention, keysByRegisters(attention, 2)),
                        chooseDecodingPlan(attention, &getContext(), lengthHint), {planTable, lengthHint});
    if (given.getTarget() != target)
      return func.emitError("expects a plan for target '") << target << "', got one for '" << given.getTarget() << "'",
             failure();
    if (failed(verifyGiven(attention, given)))
      return failure();
    return PlanChoice{given, "as given"};
  }
};
} // namespace
