// The whole pass order. Flat: what runs is what stands here, top to bottom.
#include "attn/Pipelines/Pipelines.h"

#include "attn/Conversion/TileToCpu.h"
#include "attn/Conversion/TileToNVVM.h"
#include "attn/Transforms/Passes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassOptions.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;
using namespace mlir::attn;

namespace {
/// A pipeline that stops being added to once the last stage asked for is complete.
class Steps {
public:
  Steps(OpPassManager &pm, std::optional<Stage> last) : pm(pm), last(last) {}

  template <typename... Passes> void add(Passes... passes) {
    if (!done)
      (pm.addNestedPass<func::FuncOp>(std::move(passes)), ...);
  }

  /// Cleans up after a step, so that the next one sees no dead or repeated values.
  void tidy() { add(createCanonicalizerPass(), createCSEPass()); }

  /// Ends a stage.
  void complete(Stage stage) {
    if (done)
      return;
    pm.addPass(createTileVerifyStage({stringifyStage(stage).str()}));
    done = last && *last <= stage;
  }

  OpPassManager *rest() { return done ? nullptr : &pm; }

private:
  OpPassManager &pm;
  std::optional<Stage> last;
  bool done = false;
};
} // namespace

static void addCommonSteps(Steps &steps, const PipelineOptions &options) {
  steps.complete(Stage::Problem);
  // Clauses become regions in front of everything, so that the plan sees all work on scores.
  steps.add(createAttnExpandClauses());
  // The plan comes first: it refuses what the target cannot do, and every later pass reads it.
  steps.add(createAttnChoosePlan({options.target, options.plan, options.planTable, options.lengthHint}));
  steps.complete(Stage::Planned);
  // Loops over tiles, with one masked online-softmax step in the middle.
  steps.add(createAttnTileAttention());
  steps.tidy();
  steps.complete(Stage::Tiled);
  // While the mask is still one operation, its absent, full and partial blocks follow in closed form.
  steps.add(createTileSplitRanges());
  steps.tidy();
  steps.complete(Stage::Split);
  // The analysis is done with regions: they become arithmetic, then the steps that use it.
  steps.add(createTileExpandRegions());
  steps.tidy();
  // While the scale of the softmax is a number of its own, factors of scores can go into it.
  steps.add(createTileSimplifyScores());
  // Distances are operations of their own now, which two passes look for.
  steps.add(createTileStartNear());
  if (options.target != "cpu") // there a constant for each column is a value of its own, and nothing is saved
    steps.add(createTileShiftScores());
  // Behind the passes that know the loop by how it counts.
  steps.add(createTileSplitKeys());
  // From here on a step is arithmetic, which overlap and both conversions treat alike.
  steps.add(createTileExpandSoftmax());
  // Behind the steps, which say what the choice of dropout is used for; it is arithmetic on positions alone.
  steps.add(createTileExpandDropout());
  steps.tidy();
  steps.complete(Stage::Stepped);
}

static void addGpuSteps(Steps &steps) {
  // Layouts before roles: which tiles lie in shared memory says which loads the producer takes.
  steps.add(createTileAssignLayouts());
  steps.tidy();
  steps.complete(Stage::LaidOut);
  steps.add(createTileSpecializeRoles());
  steps.tidy();
  // Blocks share loads while the query tile, on which a shared load may not depend, is an argument.
  steps.add(createTileShareLoads());
  steps.complete(Stage::Specialized);
  // The overlap moves waits and releases of whole slots, so it runs before they become barriers.
  steps.add(createTileOverlapLoop());
  steps.tidy();
  // What stages take of the shared memory has to be known before the rings are made deeper.
  steps.add(createTileStageStores());
  // A persistent kernel gives its query slot back behind the products that read it, so their order has to be final.
  steps.add(createTileLoopPrograms());
  steps.add(createTileOverlapPrograms());
  steps.tidy();
  steps.complete(Stage::Overlapped);
  steps.add(createTileLowerRings());
  steps.tidy();
  // Placement is last: now every ring and barrier is known.
  steps.add(createTilePlaceShared());
  steps.complete(Stage::Placed);
  // The conversion trusts the barriers, so they are proved where they are complete.
  steps.add(createTileCheckProtocol());
  steps.complete(Stage::Checked);
}

void mlir::attn::buildPipeline(OpPassManager &pm, const PipelineOptions &options) {
  Steps steps(pm, options.stopAfter);
  addCommonSteps(steps, options);
  bool cpu = options.target == "cpu";
  if (!cpu)
    addGpuSteps(steps);
  if (OpPassManager *rest = steps.rest()) {
    if (cpu)
      buildCpuPipeline(*rest, options.cpu);
    else
      buildNvvmPipeline(*rest);
    steps.complete(Stage::Lowered);
  }
}

namespace {
struct TextOptions : PassPipelineOptions<TextOptions> {
  Option<std::string> plan{*this, "plan", llvm::cl::desc("a #tile.plan attribute to use instead of choosing one")};
  Option<std::string> planTable{*this, "plan-table", llvm::cl::desc("a table of plans to look into first")};
  Option<int64_t> lengthHint{*this, "length-hint", llvm::cl::desc("keys to plan for where their extent is dynamic"),
                             llvm::cl::init(0)};
  Option<std::string> stopAfter{*this, "stop-after", llvm::cl::desc("the last stage to run")};
};
} // namespace

static void buildFromText(OpPassManager &pm, const char *target, const TextOptions &text) {
  PipelineOptions options;
  options.target = target;
  options.plan = text.plan;
  options.planTable = text.planTable;
  options.lengthHint = text.lengthHint;
  if (!text.stopAfter.empty()) {
    options.stopAfter = symbolizeStage(text.stopAfter);
    // A registered pipeline has no way to fail: the stage check reports the name that is not one.
    if (!options.stopAfter)
      pm.addPass(createTileVerifyStage({text.stopAfter}));
  }
  buildPipeline(pm, options);
}

void mlir::attn::registerPipelines() {
  static PassPipelineRegistration<TextOptions> cuda(
      "attn-cuda", "Compile attention for sm_90a, up to llvm and nvvm",
      [](OpPassManager &pm, const TextOptions &text) { buildFromText(pm, "sm_90a", text); });
  static PassPipelineRegistration<TextOptions> cpu(
      "attn-cpu", "Compile attention for the host processor, up to llvm",
      [](OpPassManager &pm, const TextOptions &text) { buildFromText(pm, "cpu", text); });
}
