// tile-stage-stores: gives each store of a matrix a tile in shared memory to go through, if the plan says so.
//
// It runs before a kernel becomes persistent: the query ring gets its second slot where the stages leave room for it.
#include "attn/Transforms/Passes.h"

#include "attn/Dialect/Tile/IR/KernelAttributes.h"
#include "attn/Dialect/Tile/IR/Tile.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/Remarks.h"
#include "llvm/Support/FormatVariadic.h"

namespace mlir::attn {
#define GEN_PASS_DEF_TILESTAGESTORES
#include "attn/Transforms/Passes.h.inc"
} // namespace mlir::attn

using namespace mlir;
using namespace mlir::attn;

namespace {
struct StageStores : attn::impl::TileStageStoresBase<StageStores> {
  void runOnOperation() override {
    func::FuncOp func = getOperation();
    auto plan = func->getAttrOfType<tile::PlanAttr>(tile::kPlanAttr);
    if (!plan || !plan.getStagedStores())
      return;
    func.walk([&](tile::StoreOp store) {
      auto type = cast<RankedTensorType>(store.getTile().getType());
      if (type.getRank() != 2)
        return;
      auto shared = tile::SharedType::get(func.getContext(), type.getDimSize(0), type.getDimSize(1), type.getElementType());
      OpBuilder b(&func.getBody().front(), func.getBody().front().begin());
      store.getStageMutable().assign(tile::AllocSharedOp::create(b, store.getLoc(), shared, /*fill=*/FloatAttr(), /*offset=*/IntegerAttr()));
      remark::passed(store.getLoc(), remark::RemarkOpts::name("stage").category("tile-stage-stores"))
          << llvm::formatv("the output is stored through {0} bytes of shared memory", shared.getBytes()).str();
    });
  }
};
} // namespace
