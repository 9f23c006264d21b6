// The kernels of the plan table. A table that does not parse fails in the pass's own tests; here it has no kernels.
#include "GateShapes.h"

#include "attn/Compiler/Registration.h"
#include "attn/Transforms/Plans.h"

#include "mlir/IR/MLIRContext.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;
using mlir::attn::PlanEntry;
using mlir::attn::PlanMask;

namespace attn::gates {

static std::string causalityOf(PlanMask mask) {
  return mask == PlanMask::All ? "" : mask == PlanMask::Causal ? "bottom_right" : "bottom_right, left = 1023";
}

std::vector<Shape> tableShapes() {
  DialectRegistry registry;
  compiler::registerDialects(registry);
  MLIRContext context(registry, MLIRContext::Threading::DISABLED);
  context.loadAllAvailableDialects();
  std::vector<Shape> shapes;
  FailureOr<SmallVector<PlanEntry>> table =
      mlir::attn::parsePlanTable(mlir::attn::getBuiltInPlanTable(), &context);
  if (failed(table))
    return shapes;
  for (const PlanEntry &entry : *table) {
    Shape shape;
    shape.headDim = entry.headDim, shape.valueDim = entry.valueDim;
    shape.element = entry.type.isF16() ? "f16" : "bf16";
    shape.causality = causalityOf(entry.mask);
    shape.queryHeads = 8 * entry.group;
    shape.plan = llvm::formatv("{0}", Attribute(entry.plan));
    shapes.push_back(shape);
  }
  for (auto [headDim, valueDim] : {std::pair<int64_t, int64_t>{64, 64}, {128, 128}, {192, 128}, {256, 256}})
    for (PlanMask mask : {PlanMask::All, PlanMask::Causal, PlanMask::Window}) {
      Shape shape;
      shape.headDim = headDim, shape.valueDim = valueDim, shape.causality = causalityOf(mask);
      shapes.push_back(shape);
    }
  // What the cost model takes for short sequences at head_dim 64.
  for (PlanMask mask : {PlanMask::All, PlanMask::Causal}) {
    Shape shape;
    shape.headDim = shape.valueDim = 64, shape.causality = causalityOf(mask);
    shape.plan = "#tile.plan<target = \"sm_90a\", query_tile = 128, kv_tile = 128, warpgroups = 2, stages = 2, overlap = true, "
                 "ping_pong = false, persistent = true, rescale_threshold = 15, keys_first = true>";
    shapes.push_back(shape);
  }
  return shapes;
}

} // namespace attn::gates
