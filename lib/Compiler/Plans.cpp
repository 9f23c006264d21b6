// A table parsed in a context of its own.
#include "attn/Compiler/Plans.h"

#include "Diagnostics.h"
#include "SpecText.h"

#include "attn/Compiler/Registration.h"
#include "attn/Transforms/Plans.h"

#include "mlir/IR/MLIRContext.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;

namespace attn::compiler {

bool TablePlan::fits(int64_t headDim, int64_t valueDim, int64_t group) const {
  analysis::Workload workload;
  workload.headDim = headDim, workload.valueDim = valueDim, workload.group = group;
  if (shape.warpgroups == 0) // the CPU's memory holds all tiles
    return group % shape.packedHeads == 0;
  return analysis::whyPlanDoesNotFit(workload, shape, target::hopper, analysis::fewestOtherRegisters).empty();
}

Result<std::vector<TablePlan>> plansOfTable(const std::string &text) {
  if (Error error = checkSpecText(text, "plan table"); error.status != Status::Ok && !text.empty())
    return Error{Status::InvalidArgument, error.message};
  DialectRegistry registry;
  registerDialects(registry);
  MLIRContext context(registry, MLIRContext::Threading::DISABLED);
  DiagnosticCollector diagnostics(&context);
  FailureOr<SmallVector<mlir::attn::PlanEntry>> table =
      mlir::attn::parsePlanTable(text.empty() ? mlir::attn::getBuiltInPlanTable() : StringRef(text), &context);
  if (mlir::failed(table))
    return Error{Status::InvalidArgument, diagnostics.errorText("plan table, expects an array of entries")};
  llvm::SetVector<tile::PlanAttr> distinct;
  for (const mlir::attn::PlanEntry &entry : *table)
    distinct.insert(entry.plan);
  std::vector<TablePlan> plans;
  for (tile::PlanAttr plan : distinct)
    plans.push_back({llvm::formatv("{0}", Attribute(plan)), mlir::attn::shapeOfPlan(plan), plan.getCluster() > 1});
  return plans;
}

static std::vector<TablePlan> plansOfCpu() {
  std::vector<TablePlan> plans;
  for (int64_t rows : {32, 64, 128})
    for (int64_t heads : {1, 2, 4})
      if (rows >= 16 * heads)
        plans.push_back({llvm::formatv("#tile.plan<target = \"cpu\", query_tile = {0}, kv_tile = {1}, warpgroups = 0, stages = 0, "
                                       "overlap = false, ping_pong = false, packed_heads = {2}>", rows, heads == 2 ? 64 : 128, heads),
                         {128, 0, 0, false, false, false, 1, heads}});
  return plans;
}

std::vector<TablePlan> plansOfSpace(std::string_view target) {
  if (target == "cpu")
    return plansOfCpu();
  struct Tiles {
    int64_t kvTile, warpgroups, stages;
  };
  constexpr Tiles tiles[] = {{16, 1, 2}, {64, 1, 3}, {64, 1, 4}, {128, 1, 2}, {48, 2, 2}, {80, 2, 2},
                             {96, 2, 3}, {128, 2, 2}, {144, 2, 2}, {48, 3, 3}, {96, 3, 2}, {64, 4, 4}};
  struct Schedule {
    bool overlap, pingPong, persistent;
    const char *rest;
    int64_t residency = 1;
    bool clusters = false;
    int64_t packedHeads = 1;
    bool stagedStores = false, sumColumn = false;
  };
  constexpr Schedule schedules[] = {{false, false, false, ""},
                                    {false, true, true, ", rescale_threshold = 8"},
                                    {true, false, false, ""},
                                    {true, true, false, ", rescale_threshold = 15"},
                                    {true, false, true, ""},
                                    {true, false, true, ", rescale_threshold = 15"},
                                    {true, false, true, ", rescale_threshold = 15, keys_first = true"},
                                    {true, false, true, ", rescale_threshold = 15, keys_first = true, ascending = true"},
                                    {true, false, false, ", rescale_threshold = 15, residency = 2", 2},
                                    {true, false, true, ", rescale_threshold = 15, residency = 3", 3},
                                    {true, false, true, ", rescale_threshold = 15, cluster = 2", 1, true},
                                    {true, false, true, ", rescale_threshold = 15, dynamic = true"},
                                    {true, false, false, ", rescale_threshold = 15, split = 2"},
                                    {true, true, false, ", split = 4"},
                                    {true, false, false, ", rescale_threshold = 15, residency = 2, split = 8", 2},
                                    {true, false, false, ", packed_heads = 2", 1, false, 2},
                                    {true, true, true, ", rescale_threshold = 15, packed_heads = 4", 1, false, 4},
                                    {true, false, false, ", rescale_threshold = 15, residency = 2, split = 4, packed_heads = 4", 2, false, 4},
                                    {true, false, false, ", rescale_threshold = 15, split = 8, least_part = 1"},
                                    {true, false, true, ", rescale_threshold = 15, staged_stores = true", 1, false, 1, true},
                                    {true, false, false, ", residency = 2, staged_stores = true", 2, false, 1, true},
                                    {true, true, true, ", rescale_threshold = 15, packed_heads = 4, staged_stores = true", 1, false, 4, true},
                                    {true, false, true, ", rescale_threshold = 15, keys_first = true, ascending = true, own_ends = true"},
                                    {false, false, false, ", ascending = true, own_ends = true"},
                                    {true, false, true, ", rescale_threshold = 15, keys_first = true, sum_column = true", 1, false, 1, false, true},
                                    {false, true, false, ", rescale_threshold = 2, staged_stores = true, sum_column = true", 1, false, 1, true, true}};
  std::vector<TablePlan> plans;
  for (const Tiles &tile : tiles)
    for (const Schedule &schedule : schedules)
      plans.push_back({llvm::formatv("#tile.plan<target = \"sm_90a\", query_tile = {0}, kv_tile = {1}, warpgroups = {2}, stages = "
                                     "{3}, overlap = {4}, ping_pong = {5}, persistent = {6}{7}>",
                                     64 * tile.warpgroups, tile.kvTile, tile.warpgroups, tile.stages, schedule.overlap,
                                     schedule.pingPong, schedule.persistent, schedule.rest),
                       {tile.kvTile, tile.warpgroups, tile.stages, schedule.overlap, schedule.pingPong, schedule.persistent,
                        schedule.residency, schedule.packedHeads, schedule.stagedStores, schedule.sumColumn},
                       schedule.clusters});
  return plans;
}

} // namespace attn::compiler
