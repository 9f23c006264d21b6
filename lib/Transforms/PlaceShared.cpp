// tile-place-shared: gives every ring and barrier its offset in the block's shared memory.
#include "attn/Transforms/Passes.h"

#include "attn/Analysis/SharedMemoryPlan.h"
#include "attn/Dialect/Tile/IR/KernelAttributes.h"
#include "attn/Dialect/Tile/IR/Layouts.h"
#include "attn/Dialect/Tile/IR/Tile.h"
#include "attn/Target/Gpu.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Builders.h"

namespace mlir::attn {
#define GEN_PASS_DEF_TILEPLACESHARED
#include "attn/Transforms/Passes.h.inc"
} // namespace mlir::attn

using namespace mlir;
using namespace mlir::attn;

static std::string describe(Type type) {
  std::string text;
  llvm::raw_string_ostream(text) << type;
  return text;
}

namespace {
struct PlaceShared : mlir::attn::impl::TilePlaceSharedBase<PlaceShared> {
  void runOnOperation() override {
    func::FuncOp func = getOperation();
    Builder b(&getContext());
    ::attn::analysis::SharedMemoryPlan plan;
    // Tiles first: the 128-byte swizzle repeats every 1024 bytes, so each slot starts on such a boundary.
    func.walk([&](tile::AllocRingOp ring) {
      auto type = cast<tile::RingType>(ring.getType());
      int64_t offset = plan.add(describe(type), type.getBytes(), 1024);
      ring.setOffsetAttr(b.getI64IntegerAttr(offset));
    });
    func.walk([&](tile::AllocSharedOp tile) {
      auto type = cast<tile::SharedType>(tile.getType());
      tile.setOffsetAttr(b.getI64IntegerAttr(plan.add(describe(type), type.getBytes(), 1024)));
    });
    // What a part publishes lies in the place of the rings, and beyond it before the barriers.
    int64_t rings = plan.totalBytes(), state = 0;
    func.walk([&](tile::PublishOp publish) {
      auto acc = cast<RankedTensorType>(publish.getAcc().getType());
      state = tile::getStateBytes(acc.getDimSize(0), acc.getDimSize(1));
    });
    if (state > rings)
      plan.add("a part's state", state - rings, 16);
    func.walk([&](tile::AllocBarriersOp barriers) {
      int64_t count = cast<tile::BarriersType>(barriers.getType()).getCount();
      barriers.setOffsetAttr(b.getI64IntegerAttr(plan.add("barriers", 8 * count, 8)));
    });
    auto given = getOperation()->getAttrOfType<tile::PlanAttr>(tile::kPlanAttr);
    int64_t limit = ::attn::target::hopper.sharedBytesOf(given ? given.getResidency() : 1);
    if (plan.totalBytes() > limit) {
      InFlightDiagnostic error = func.emitError("expects at most ")
                                 << limit << " bytes of shared memory, got " << plan.totalBytes() << ": "
                                 << plan.describe();
      error.attachNote() << "lower kv_tile, query_tile or stages in the plan";
      return signalPassFailure();
    }
    func->setAttr(tile::kSharedBytesAttr, b.getI64IntegerAttr(plan.totalBytes()));
  }
};
} // namespace
