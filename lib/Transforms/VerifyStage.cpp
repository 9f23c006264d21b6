// tile-verify-stage: checks the promise of a stage, so that a pass that leaves something behind is caught where it did.
// A promise is a set of operations that must be gone, and for some stages a property of those that stay.
#include "attn/Transforms/Passes.h"
#include "attn/Transforms/Stages.h"

#include "attn/Dialect/Attn/IR/Attn.h"
#include "attn/Dialect/Tile/IR/KernelAttributes.h"
#include "attn/Dialect/Tile/IR/Tile.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/TypeSwitch.h"

namespace mlir::attn {
#define GEN_PASS_DEF_TILEVERIFYSTAGE
#include "attn/Transforms/Passes.h.inc"
} // namespace mlir::attn

using namespace mlir;
using namespace mlir::attn;

static constexpr std::pair<Stage, llvm::StringLiteral> stageNames[] = {
    {Stage::Problem, "problem"},         {Stage::Planned, "planned"},       {Stage::Tiled, "tiled"},
    {Stage::Split, "split"},             {Stage::Stepped, "stepped"},       {Stage::LaidOut, "laid-out"},
    {Stage::Specialized, "specialized"}, {Stage::Overlapped, "overlapped"}, {Stage::Placed, "placed"},
    {Stage::Checked, "checked"},         {Stage::Lowered, "lowered"}};

llvm::StringRef attn::stringifyStage(Stage stage) { return stageNames[static_cast<int>(stage)].second; }

std::optional<Stage> attn::symbolizeStage(llvm::StringRef name) {
  for (auto [stage, text] : stageNames)
    if (text == name)
      return stage;
  return std::nullopt;
}

llvm::ArrayRef<Stage> attn::getAllStages() {
  static constexpr Stage stages[] = {Stage::Problem,     Stage::Planned,    Stage::Tiled,  Stage::Split,
                                     Stage::Stepped,     Stage::LaidOut,    Stage::Specialized,
                                     Stage::Overlapped,  Stage::Placed,     Stage::Checked, Stage::Lowered};
  return stages;
}

/// The stage from which on an operation must be gone, or nothing.
static std::optional<Stage> getLastStage(Operation *op) {
  if (isa<AttentionOp, attn::YieldOp>(op))
    return Stage::Tiled;
  if (isa<tile::BandMaskOp, tile::RegionScoreOp, tile::RegionMaskOp, tile::SoftmaxStepOp, tile::SoftmaxFinishOp,
          tile::KeepOp, tile::MergePartsOp>(op))
    return Stage::Stepped;
  if (isa<tile::LoadOp>(op))
    return Stage::Specialized;
  if (isa<tile::MmaOp>(op))
    return Stage::Overlapped;
  if (isa<tile::PutOp, tile::WaitFullOp, tile::SlotOp, tile::ReleaseOp>(op))
    return Stage::Placed;
  if (isa_and_present<tile::TileDialect>(op->getDialect()))
    return Stage::Lowered;
  return std::nullopt;
}

static LogicalResult verifyOperation(Operation *op, Stage stage) {
  if (std::optional<Stage> gone = getLastStage(op); gone && stage >= *gone)
    return op->emitOpError("must be gone from stage ") << stringifyStage(*gone) << " on";
  if (auto mask = dyn_cast<tile::BandMaskOp>(op); mask && stage == Stage::Split)
    if (op->getParentOp()->getName().getStringRef() != "scf.if")
      return op->emitOpError("must stand in a branch that full blocks skip from stage split on");
  if (stage >= Stage::LaidOut && stage < Stage::Lowered)
    for (Type type : op->getResultTypes())
      if (auto tensor = dyn_cast<RankedTensorType>(type); tensor && !isa_and_present<tile::LayoutAttr>(tensor.getEncoding()))
        return op->emitOpError("must have a layout on ") << type << " from stage laid-out on";
  bool unplaced = llvm::TypeSwitch<Operation *, bool>(op)
                      .Case<tile::AllocRingOp, tile::AllocSharedOp, tile::AllocBarriersOp>([](auto space) { return !space.getOffset(); })
                      .Default(false);
  if (unplaced && stage >= Stage::Placed)
    return op->emitOpError("must have an offset in shared memory from stage placed on");
  return success();
}

namespace {
struct VerifyStage : attn::impl::TileVerifyStageBase<VerifyStage> {
  using TileVerifyStageBase::TileVerifyStageBase;

  void runOnOperation() override {
    std::optional<Stage> symbol = symbolizeStage(stage);
    if (!symbol) {
      getOperation()->emitError("expects the name of a stage, got '") << stage << "'";
      return signalPassFailure();
    }
    WalkResult result = getOperation()->walk([&](Operation *op) {
      if (auto func = dyn_cast<func::FuncOp>(op))
        if (*symbol >= Stage::Planned && *symbol < Stage::Lowered && !func->hasAttr(tile::kPlanAttr)) {
          func.emitOpError("must have a plan from stage planned on");
          return WalkResult::interrupt();
        }
      return failed(verifyOperation(op, *symbol)) ? WalkResult::interrupt() : WalkResult::advance();
    });
    if (result.wasInterrupted())
      signalPassFailure();
    markAllAnalysesPreserved();
  }
};
} // namespace
