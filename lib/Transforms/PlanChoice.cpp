// The user's table first, then our own, then the cost model over plans that fit.
#include "PlanChoice.h"

#include "attn/Analysis/PlanCost.h"

#include "llvm/ADT/SmallVectorExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MathExtras.h"

#include <functional>

using namespace mlir;
using namespace mlir::attn;
using namespace ::attn::analysis;

/// The model is good to some 10 %, so another plan must promise more than that to be taken instead of the usual one. Where the
/// number of keys is not known there is nothing to weigh, and the usual plan stays.
static constexpr double margin = 1.1, certain = 1e9;

static std::string text(Attribute attribute) { return llvm::formatv("{0}", attribute).str(); }

static std::string describe(const PlanEntry &entry) {
  std::string length = entry.length ? llvm::formatv(", length {0}", entry.length).str() : std::string();
  return llvm::formatv("head_dim {0}/{1}, {2}, {3}, group {4}{5}", entry.headDim, entry.valueDim,
                       stringifyPlanMask(entry.mask), entry.type, entry.group, length);
}

/// The entries for a kernel, the nearest first. Those that were measured with a column of sums are not for one that stores a log-sum-exp,
/// which has none; of the others with one key the first is meant.
static SmallVector<PlanEntry> findEntriesFor(ArrayRef<PlanEntry> table, const PlanEntry &key, bool storesLse) {
  SmallVector<PlanEntry> found;
  auto fields = [](const PlanEntry &entry) {
    return std::tuple(entry.headDim, entry.valueDim, entry.mask, entry.type, entry.length, entry.group);
  };
  for (const PlanEntry &entry : findEntries(table, key))
    if (!(storesLse && entry.plan.getSumColumn()) &&
        llvm::none_of(found, [&](const PlanEntry &before) { return fields(before) == fields(entry); }))
      found.push_back(entry);
  return found;
}

/// The choice of one table, or nothing where no entry suits. `exactMask`: entries for other masks do not. Plans that are `preferred`
/// come first.
static std::optional<PlanChoice> lookUp(ArrayRef<PlanEntry> table, const PlanEntry &key, StringRef name, bool exactMask, bool storesLse,
                                        function_ref<bool(tile::PlanAttr)> preferred) {
  SmallVector<PlanEntry> all = findEntriesFor(table, key, storesLse), found;
  auto isPreferred = [&](const PlanEntry &entry) { return preferred(entry.plan); };
  llvm::copy_if(all, std::back_inserter(found), isPreferred);
  llvm::copy_if(all, std::back_inserter(found), std::not_fn(isPreferred));
  if (exactMask)
    llvm::erase_if(found, [&](const PlanEntry &entry) { return entry.mask != key.mask; });
  // Under another mask the blocks of a cluster would have different keys.
  llvm::erase_if(found, [&](const PlanEntry &entry) { return entry.plan.getCluster() > 1 && entry.mask != key.mask; });
  // Nor are there heads of another group to pack.
  llvm::erase_if(found, [&](const PlanEntry &entry) { return key.group % entry.plan.getPackedHeads() != 0; });
  if (found.empty())
    return std::nullopt;
  PlanChoice choice{found[0].plan, llvm::formatv("from {0}, entry {1}", name, describe(found[0]))};
  for (const PlanEntry &entry : found)
    if (entry.plan != choice.plan) {
      choice.reason += llvm::formatv("; runner-up {0} of entry {1}", text(entry.plan), describe(entry));
      break;
    }
  return choice;
}

static Workload workloadOf(AttentionOp op, const PlanEntry &key) {
  Workload workload;
  workload.headDim = key.headDim;
  workload.valueDim = key.valueDim;
  if (key.length > 0)
    workload.kvLength = workload.queryLength = key.length;
  auto query = cast<RankedTensorType>(op.getQuery().getType());
  if (!query.isDynamicDim(2) && query.getDimSize(2) > 0)
    workload.queryLength = query.getDimSize(2);
  if (!query.isDynamicDim(0) || key.length > 0)
    workload.batchHeads = std::max<int64_t>(1, batchOf(op, key.length)) * op.getHeads().getQuery();
  workload.group = key.group;
  workload.causal = key.mask != PlanMask::All;
  if (key.mask == PlanMask::Window)
    if (CausalityAttr causality = op.getCausalityOrNone(); causality.getLeft())
      workload.window = *causality.getLeft() + 1;
  return workload;
}

/// Plans with other tiles that fit, beside the usual one. Regions take registers that the model does not know.
static SmallVector<tile::PlanAttr> candidates(AttentionOp op, tile::PlanAttr usual, int64_t mostKeys,
                                              const Workload &workload) {
  SmallVector<tile::PlanAttr> plans = {usual};
  if (!op.getScore().empty() || !op.getMask().empty())
    return plans;
  for (int64_t warpgroups = 1; warpgroups <= usual.getWarpgroups(); ++warpgroups)
    for (int64_t kvTile = 48; kvTile <= mostKeys; kvTile += 16) {
      tile::PlanAttr plan = usual.withTiles(kvTile, warpgroups);
      if (plan != usual && whyPlanDoesNotFit(workload, shapeOfPlan(plan), ::attn::target::hopper).empty())
        plans.push_back(plan);
    }
  return plans;
}

static PlanChoice chooseByCost(AttentionOp op, tile::PlanAttr usual, int64_t mostKeys, const PlanEntry &key) {
  Workload workload = workloadOf(op, key);
  auto rate = [&](tile::PlanAttr plan) {
    double found = estimatePlan(workload, shapeOfPlan(plan), ::attn::target::hopper).teraflops;
    return plan == usual ? (key.length > 0 ? margin : certain) * found : found;
  };
  SmallVector<tile::PlanAttr> plans = candidates(op, usual, mostKeys, workload);
  // The usual plan stands first, and of equals the first wins.
  SmallVector<std::pair<double, size_t>> order;
  for (auto [index, plan] : llvm::enumerate(plans))
    order.push_back({-rate(plan), index});
  llvm::sort(order);
  plans = llvm::map_to_vector(order, [&](const auto &place) { return plans[place.second]; });
  PlanCost cost = estimatePlan(workload, shapeOfPlan(plans[0]), ::attn::target::hopper);
  PlanChoice choice{plans[0], llvm::formatv("{0}by the cost model, {1:F0} TFLOP/s at {2} keys, bound by {3}",
                                            key.length > 0 ? "" : "the largest tiles, since the length is not known; ",
                                            cost.teraflops, workload.kvLength, cost.bound())};
  if (plans.size() > 1)
    choice.reason += llvm::formatv("; runner-up {0}, {1:F0} TFLOP/s", text(plans[1]),
                                   estimatePlan(workload, shapeOfPlan(plans[1]), ::attn::target::hopper).teraflops);
  return choice;
}

namespace {
/// A launch whose batch and lengths are known, for plans of the table, which were measured where programs fill the machine.
struct KnownLaunch {
  int64_t heads = 0, queries = 0; ///< heads of all batches
  bool causal = false;
  double mean = 1; ///< keys of a program, of those that the longest one has

  static std::optional<KnownLaunch> of(AttentionOp op, const PlanEntry &key);
  /// Whether programs have about as much to do as one another. (Those of a causal mask have where the queries are the last of many
  /// more keys.)
  bool isEven() const { return mean > 0.75; }
  /// Whether there are less than two equal programs a block. (A persistent kernel balances unequal ones.)
  bool hasFew(tile::PlanAttr plan) const { return isEven() && programs(plan) < 2 * blocks(plan); }
  bool fills(tile::PlanAttr plan) const;

private:
  int64_t programs(tile::PlanAttr plan) const {
    return heads / plan.getPackedHeads() * llvm::divideCeil(queries, plan.getQueriesOfHead());
  }
  static int64_t blocks(tile::PlanAttr plan) { return ::attn::target::hopper.multiprocessors * plan.getResidency(); }
};
} // namespace

std::optional<KnownLaunch> KnownLaunch::of(AttentionOp op, const PlanEntry &key) {
  auto query = cast<RankedTensorType>(op.getQuery().getType());
  if (query.isDynamicDim(0) || key.length <= 0 || key.mask == PlanMask::Window)
    return std::nullopt;
  Workload workload = workloadOf(op, key);
  KnownLaunch launch{workload.batchHeads, workload.queryLength, workload.causal};
  int64_t keys = std::max<int64_t>(1, workload.kvLength);
  if (launch.causal)
    launch.mean = op.getCausalityOrNone().isBottomRightAligned() ? std::max(0.5, 1 - 0.5 * launch.queries / keys) : 0.5;
  return launch;
}

/// Whether most of what is done is for queries, and by most blocks until the last one is done. Equal programs come in rounds: a
/// block without one draws no power, which the others have then, but a row without a query does. (Under a causal mask tiles of 192
/// rows are the faster ones even where a ninth is empty: 570 TFLOP/s against 553 of 128 with 1024 queries and 16384 keys, batch 4.)
/// Of unequal programs the longest alone may take longer than a block's share.
bool KnownLaunch::fills(tile::PlanAttr plan) const {
  if (!isEven())
    return 10 * mean * heads * queries >= 9 * blocks(plan) * plan.getQueryTile();
  int64_t rows = llvm::alignTo(queries, plan.getQueriesOfHead()), slots = llvm::alignTo(programs(plan), blocks(plan));
  return (causal || 10 * queries >= 9 * rows) && 10 * programs(plan) >= 8 * slots;
}

/// Persistent blocks load ahead of their next program; a third stage, keys first, staged stores, turns and programs that overlap are for the
/// same end. Here most have no next one. (Three stages gave 413 TFLOP/s and two 464 at head_dim 64, 8 heads of 4096 queries.)
static tile::PlanAttr forFewPrograms(tile::PlanAttr plan) {
  tile::PlanAttr::Fields fields = plan.getFields();
  fields.stages = std::min<int64_t>(fields.stages, 2);
  fields.persistent = fields.keysFirst = fields.dynamic = fields.stagedStores = fields.pingPong = fields.overlapPrograms = false;
  fields.cluster = fields.split = 1, fields.leastPart = 0;
  return tile::PlanAttr::get(plan.getContext(), fields);
}

int64_t mlir::attn::batchOf(AttentionOp op, int64_t length) {
  auto query = cast<RankedTensorType>(op.getQuery().getType());
  return query.isDynamicDim(0) ? std::max<int64_t>(1, 16384 / std::max<int64_t>(length, 1)) : query.getDimSize(0);
}

bool mlir::attn::hasSequences(AttentionOp op) {
  return op.getQueryOffsets() || op.getKvOffsets() || op.getQueryLengths() || op.getKvLengths();
}

int64_t mlir::attn::keysByRegisters(AttentionOp op, int64_t warpgroups, int64_t residency) {
  return registersForTiles(warpgroups, residency) - op.getValueDim() / 2;
}

int64_t mlir::attn::largestKvTile(AttentionOp op, int64_t warpgroups, int64_t stages, int64_t most, int64_t residency) {
  PlanShape shape{0, warpgroups, stages};
  shape.residency = residency;
  Workload workload;
  workload.headDim = op.getHeadDim(), workload.valueDim = op.getValueDim();
  shape.kvTile = llvm::alignDown(most, 16);
  while (shape.kvTile > 16 && !whyPlanDoesNotFit(workload, shape, ::attn::target::hopper).empty())
    shape.kvTile -= 16;
  return shape.kvTile;
}

bool mlir::attn::isNarrow(AttentionOp op) {
  constexpr int64_t most = 64;
  return std::max(op.getHeadDim(), op.getValueDim()) <= most;
}

bool mlir::attn::hasPlainScores(AttentionOp op) {
  return op.getScore().empty() || llvm::all_of(op.getScore().getArguments().drop_front(), [](Value value) { return value.use_empty(); });
}

/// Whether a plan that was measured without regions suits: positions and long arithmetic take registers that those kernels did not, and
/// so does dropout; sequences are uneven work. A softcap is faster with the usual plan at head_dim 64 and for lengths that are not known.
static bool suitsTable(AttentionOp op, int64_t mostKeys, int64_t length) {
  if (!op.getMask().empty() || op.getDropout() || hasSequences(op))
    return false;
  return op.getScore().empty() || (hasPlainScores(op) && mostKeys >= largestKeys && !isNarrow(op) && length > 0);
}

FailureOr<PlanChoice> mlir::attn::choosePlan(AttentionOp op, tile::PlanAttr usual, int64_t mostKeys,
                                             const std::optional<PlanChoice> &shared, const PlanSources &sources) {
  PlanEntry key = keyOf(op, sources.lengthHint);
  StringRef own = "the compiler's table";
  std::pair<StringRef, StringRef> tables[] = {{sources.userTable, "the user's table"}, {getBuiltInPlanTable(), own}};
  for (auto [table, name] : tables) {
    if (name == own && shared)
      return *shared;
    if (table.empty())
      continue;
    FailureOr<SmallVector<PlanEntry>> entries = parsePlanTable(table, op.getContext());
    if (failed(entries))
      return failure();
    // The plan of a causal mask is for programs of many keys, the usual one of a narrow window is not.
    bool narrow = usual.getResidency() > 1;
    std::optional<KnownLaunch> launch = name == own ? KnownLaunch::of(op, key) : std::nullopt;
    auto preferred = [&](tile::PlanAttr plan) { return !launch || launch->fills(plan); };
    std::optional<PlanChoice> choice;
    if (suitsTable(op, mostKeys, key.length))
      choice = lookUp(*entries, key, name, narrow, static_cast<bool>(op.getLse()), preferred);
    if (choice && launch && launch->hasFew(choice->plan))
      usual = forFewPrograms(choice->plan);
    else if (choice)
      return *choice;
  }
  return chooseByCost(op, usual, mostKeys, key);
}
