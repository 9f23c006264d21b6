// tile-share-loads: lets the blocks of a cluster load keys and values together, where the plan has clusters. They have
// neighbouring query tiles of one head, so they need the same tiles of keys at about the same time; each loads a part of the
// rows into the shared memory of all, and the level-2 cache is read once for the cluster (TMA multicast).
//
// It runs when loads have a role of their own, and while the query tile is still an argument of the kernel's loop, so that one
// sees which loads depend on it.
#include "attn/Transforms/Passes.h"

#include "attn/Dialect/Tile/IR/KernelAttributes.h"
#include "attn/Dialect/Tile/IR/Tile.h"

#include "mlir/Analysis/SliceAnalysis.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/Remarks.h"

namespace mlir::attn {
#define GEN_PASS_DEF_TILESHARELOADS
#include "attn/Transforms/Passes.h.inc"
} // namespace mlir::attn

using namespace mlir;
using namespace mlir::attn;

/// Whether `value` follows from `argument`, the query tile of a kernel. Steps of loops around the value count as its sources.
static bool dependsOn(Value value, BlockArgument argument) {
  if (value == argument)
    return true;
  BackwardSliceOptions options;
  options.inclusive = true;
  options.omitBlockArguments = false;
  SetVector<Operation *> slice;
  if (failed(getBackwardSlice(value, &slice, options)))
    return true;
  return llvm::any_of(slice, [&](Operation *op) { return llvm::is_contained(op->getOperands(), argument); });
}

/// Why the blocks of a cluster cannot share the tiles of a loop, or null.
static const char *whyNotShared(scf::ForOp loop, tile::PutOp put, BlockArgument queryTile) {
  if (dependsOn(loop.getUpperBound(), queryTile) || dependsOn(loop.getLowerBound(), queryTile))
    return "how many tiles a block loads depends on its query tile";
  for (Value place : {put.getBatch(), put.getHead(), put.getRow()})
    if (dependsOn(place, queryTile))
      return "which tile a block loads depends on its query tile";
  if (put.getEnd())
    return "its rows end where a sequence does";
  return nullptr;
}

namespace {
struct ShareLoads : mlir::attn::impl::TileShareLoadsBase<ShareLoads> {
  void runOnOperation() override {
    func::FuncOp func = getOperation();
    auto plan = func->getAttrOfType<tile::PlanAttr>(tile::kPlanAttr);
    if (!plan || plan.getCluster() == 1)
      return;
    int64_t shared = 0;
    WalkResult result = func.walk([&](tile::PutOp put) {
      auto loop = dyn_cast<scf::ForOp>(put->getParentOp());
      auto forall = put->getParentOfType<scf::ForallOp>();
      if (!loop || !forall)
        return WalkResult::advance();
      if (const char *why = whyNotShared(loop, put, forall.getBody()->getArgument(2))) {
        InFlightDiagnostic error = put.emitOpError("cannot be shared by a cluster of ") << plan.getCluster() << ": " << why;
        error.attachNote(func.getLoc()) << "a plan with cluster = 1 loads for each block alone";
        return WalkResult::interrupt();
      }
      put.setMulticast(plan.getCluster());
      ++shared;
      return WalkResult::advance();
    });
    if (result.wasInterrupted())
      return signalPassFailure();
    remark::passed(func.getLoc(), remark::RemarkOpts::name("multicast").category("tile-share-loads"))
        << std::to_string(shared) << " loads are shared by " << std::to_string(plan.getCluster()) << " blocks";
  }
};
} // namespace
