// tile-assign-layouts: decides where every tile lives. The layouts are a closed set, so there is nothing to search: loaded
// tiles are in shared memory, matrices are accumulators, rows are row tiles, left operands in registers are operands.
#include "attn/Transforms/Passes.h"

#include "attn/Dialect/Tile/IR/KernelAttributes.h"
#include "attn/Dialect/Tile/IR/Tile.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/Matchers.h"

namespace mlir::attn {
#define GEN_PASS_DEF_TILEASSIGNLAYOUTS
#include "attn/Transforms/Passes.h.inc"
} // namespace mlir::attn

using namespace mlir;
using namespace mlir::attn;

/// The type of a register tile with its layout; other types stay as they are.
static Type getLaidOutType(Type type, int64_t warpgroups) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  if (!tensor || tensor.getEncoding())
    return type;
  auto kind = tensor.getRank() == 1 ? tile::LayoutKind::Row : tile::LayoutKind::Accumulator;
  return tensor.cloneWithEncoding(tile::LayoutAttr::get(type.getContext(), kind, warpgroups));
}

/// Sets the type of every result and block argument of an operation.
static void assignTypes(Operation *op, int64_t warpgroups) {
  for (Value result : op->getResults())
    result.setType(getLaidOutType(result.getType(), warpgroups));
  for (Region &region : op->getRegions())
    for (Block &block : region)
      for (BlockArgument argument : block.getArguments())
        argument.setType(getLaidOutType(argument.getType(), warpgroups));
  if (auto constant = dyn_cast<arith::ConstantOp>(op))
    if (auto value = dyn_cast<SplatElementsAttr>(constant.getValue()))
      constant.setValueAttr(value.resizeSplat(cast<ShapedType>(constant.getType())));
}

static void loadToShared(tile::LoadOp load) {
  auto tensor = cast<RankedTensorType>(load.getType());
  load.getResult().setType(
      tile::SharedType::get(load.getContext(), tensor.getDimSize(0), tensor.getDimSize(1), tensor.getElementType()));
}

/// A constant beside a right operand lies in shared memory from the start, one tile for all products.
static LogicalResult placeBeside(func::FuncOp func) {
  llvm::MapVector<Attribute, Value> tiles;
  WalkResult result = func.walk([&](tile::MmaOp mma) {
    Value beside = mma.getBeside();
    SplatElementsAttr constant;
    if (!beside)
      return WalkResult::advance();
    if (!matchPattern(beside, m_Constant(&constant)) || !isa<FloatType>(constant.getElementType())) {
      mma.emitOpError("expects a constant of one number beside its right operand; no layout takes another there");
      return WalkResult::interrupt();
    }
    Value &tile = tiles[constant];
    if (!tile) {
      ShapedType type = constant.getType();
      auto shared = tile::SharedType::get(func.getContext(), type.getDimSize(0), type.getDimSize(1), type.getElementType());
      OpBuilder b(&func.getBody().front(), func.getBody().front().begin());
      FloatAttr number = b.getF32FloatAttr(constant.getSplatValue<APFloat>().convertToFloat());
      tile = tile::AllocSharedOp::create(b, mma.getLoc(), shared, number, /*offset=*/IntegerAttr());
    }
    mma.getBesideMutable().assign(tile);
    if (beside.use_empty())
      beside.getDefiningOp()->erase();
    return WalkResult::advance();
  });
  return failure(result.wasInterrupted());
}

/// Products read their right operand from shared memory, their left one from there or as a register operand.
static LogicalResult assignOperands(tile::MmaOp mma) {
  if (!isa<tile::SharedType>(mma.getB().getType()))
    return mma.emitOpError("expects its right operand to be a loaded tile, got ")
           << mma.getB().getType() << "; no layout takes it from registers";
  auto tensor = dyn_cast<RankedTensorType>(mma.getA().getType());
  if (!tensor)
    return success();
  auto layout = cast<tile::LayoutAttr>(tensor.getEncoding());
  auto operand = tensor.cloneWithEncoding(
      tile::LayoutAttr::get(mma.getContext(), tile::LayoutKind::Operand, layout.getWarpgroups()));
  OpBuilder b(mma);
  mma.getAMutable().assign(tile::ConvertLayoutOp::create(b, mma.getLoc(), operand, mma.getA()));
  return success();
}

namespace {
struct AssignLayouts : attn::impl::TileAssignLayoutsBase<AssignLayouts> {
  void runOnOperation() override {
    func::FuncOp func = getOperation();
    auto plan = func->getAttrOfType<tile::PlanAttr>(tile::kPlanAttr);
    if (!plan || !plan.isGpu()) {
      func.emitOpError("expects a plan for a GPU; the CPU path leaves before layouts");
      return signalPassFailure();
    }
    if (failed(placeBeside(func)))
      return signalPassFailure();
    func.walk([&](tile::LoadOp load) { loadToShared(load); });
    func.walk([&](Operation *op) {
      if (op != func)
        assignTypes(op, plan.getWarpgroups());
    });
    WalkResult result = func.walk([](tile::MmaOp mma) {
      return failed(assignOperands(mma)) ? WalkResult::interrupt() : WalkResult::advance();
    });
    if (result.wasInterrupted())
      signalPassFailure();
  }
};
} // namespace
