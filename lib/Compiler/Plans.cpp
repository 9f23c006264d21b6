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

bool TablePlan::fits(int64_t headDim, int64_t valueDim) const {
  analysis::Workload workload;
  workload.headDim = headDim, workload.valueDim = valueDim;
  return analysis::whyPlanDoesNotFit(workload, shape, target::hopper).empty();
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
    plans.push_back({llvm::formatv("{0}", Attribute(plan)),
                     {plan.getKvTile(), plan.getWarpgroups(), plan.getStages(), plan.getOverlap(), plan.getPingPong(),
                      plan.getPersistent(), plan.getResidency()},
                     plan.getCluster() > 1});
  return plans;
}

std::vector<TablePlan> plansOfSpace() {
  struct Tiles {
    int64_t kvTile, warpgroups, stages;
  };
  constexpr Tiles tiles[] = {{16, 1, 2}, {64, 1, 3}, {64, 1, 4}, {128, 1, 2}, {48, 2, 2}, {80, 2, 2},
                             {96, 2, 3}, {128, 2, 2}, {144, 2, 2}, {48, 3, 3}, {96, 3, 2}};
  struct Schedule {
    bool overlap, pingPong, persistent;
    const char *rest;
    int64_t residency = 1;
    bool clusters = false;
  };
  constexpr Schedule schedules[] = {{false, false, false, ""},
                                    {false, true, true, ", rescale_threshold = 8"},
                                    {true, false, false, ""},
                                    {true, true, false, ", rescale_threshold = 15"},
                                    {true, false, true, ""},
                                    {true, false, true, ", rescale_threshold = 15"},
                                    {true, false, true, ", rescale_threshold = 15, keys_first = true"},
                                    {true, false, false, ", rescale_threshold = 15, residency = 2", 2},
                                    {true, false, true, ", rescale_threshold = 15, residency = 3", 3},
                                    {true, false, true, ", rescale_threshold = 15, cluster = 2", 1, true},
                                    {true, false, true, ", rescale_threshold = 15, dynamic = true"},
                                    {true, false, false, ", rescale_threshold = 15, split = 2"},
                                    {true, true, false, ", split = 4"},
                                    {true, false, false, ", rescale_threshold = 15, residency = 2, split = 8", 2}};
  std::vector<TablePlan> plans;
  for (const Tiles &tile : tiles)
    for (const Schedule &schedule : schedules)
      plans.push_back({llvm::formatv("#tile.plan<target = \"sm_90a\", query_tile = {0}, kv_tile = {1}, warpgroups = {2}, stages = "
                                     "{3}, overlap = {4}, ping_pong = {5}, persistent = {6}{7}>",
                                     64 * tile.warpgroups, tile.kvTile, tile.warpgroups, tile.stages, schedule.overlap,
                                     schedule.pingPong, schedule.persistent, schedule.rest),
                       {tile.kvTile, tile.warpgroups, tile.stages, schedule.overlap, schedule.pingPong, schedule.persistent,
                        schedule.residency},
                       schedule.clusters});
  return plans;
}

} // namespace attn::compiler
