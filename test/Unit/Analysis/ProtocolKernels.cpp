// See ProtocolKernels.h.
#include "ProtocolKernels.h"

#include "attn/Dialect/Attn/IR/Attn.h"
#include "attn/Pipelines/Pipelines.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"

using namespace mlir;
using ::attn::test::Kernel;
using ::attn::test::KernelSpec;
using ::attn::test::RingUses;

std::string KernelSpec::text() const {
  std::string type = "tensor<?x4x" + length + "x" + std::to_string(headDim) + "xf16>";
  std::string plan;
  if (warpgroups != 0)
    plan = " attributes {tile.plan = #tile.plan<target = \"sm_90a\", query_tile = " + std::to_string(64 * warpgroups) +
           ", kv_tile = " + std::to_string(kvTile) + ", warpgroups = " + std::to_string(warpgroups) +
           ", stages = " + std::to_string(stages) + ", overlap = " + (overlap ? "true" : "false") +
           ", ping_pong = " + (pingPong ? "true" : "false") + ", persistent = " + (persistent ? "true" : "false") +
           ", cluster = " + std::to_string(cluster) + ", dynamic = " + (dynamic ? "true" : "false") + ", split = " + std::to_string(split) +
           (ownEnds ? ", ascending = true, own_ends = true" : "") + (keysFirst ? ", keys_first = true" : "") +
           (overlapPrograms ? ", overlap_programs = true" : "") + ">}";
  return "func.func @kernel(%q: " + type + ", %k: " + type + ", %v: " + type + ") -> " + type + plan +
         " {\n  %o = attn.attention %q, %k, %v heads(#attn.head_grouping<query = 4, kv = 4>) causality(" + causality +
         ") : (" + type + ", " + type + ", " + type + ") -> " + type + "\n  return %o : " + type + "\n}\n";
}

void ::attn::test::keepToTheBlock(RingUses &uses) {
  int64_t blocks = 1;
  for (tile::ArriveOp arrive : uses.arrives) {
    blocks = arrive.getMulticast().value_or(blocks);
    arrive.removeMulticastAttr();
  }
  uses.empty.setArrivals(uses.empty.getArrivals() / blocks);
}

/// Adds an operation of the protocol to the uses of `ring`.
static void addUse(RingUses &uses, Operation *op) {
  auto isFull = [&](Value barriers) { return uses.full && barriers == uses.full.getResult(); };
  auto isEmpty = [&](Value barriers) { return uses.empty && barriers == uses.empty.getResult(); };
  if (auto wait = dyn_cast<tile::WaitOp>(op)) {
    if (isFull(wait.getBarriers()))
      uses.waits.push_back(wait);
    else if (isEmpty(wait.getBarriers()))
      uses.producerWait = wait;
  } else if (auto arrive = dyn_cast<tile::ArriveOp>(op); arrive && isEmpty(arrive.getBarriers())) {
    uses.arrives.push_back(arrive);
  } else if (auto view = dyn_cast<tile::ViewOp>(op); view && view.getRing() == uses.ring.getResult()) {
    uses.views.push_back(view);
  }
}

static RingUses collectUses(func::FuncOp func, unsigned argument) {
  RingUses uses;
  func.walk([&](tile::CopyOp copy) {
    if (copy.getSource() == func.getArgument(argument))
      uses.copy = copy;
  });
  uses.ring = uses.copy.getRing().getDefiningOp<tile::AllocRingOp>();
  uses.full = uses.copy.getBarriers().getDefiningOp<tile::AllocBarriersOp>();
  if (auto wait = dyn_cast_or_null<tile::WaitOp>(uses.copy->getPrevNode()))
    uses.empty = wait.getBarriers().getDefiningOp<tile::AllocBarriersOp>();
  func.walk<WalkOrder::PreOrder>([&](Operation *op) { addUse(uses, op); });
  return uses;
}

namespace attn::test {

std::string textOf(const analysis::ProtocolRefusal &refusal) {
  std::string text = refusal.text;
  for (const analysis::ProtocolNote &note : refusal.notes)
    text += "\n" + note.text;
  return text;
}

void loadKernelDialects(MLIRContext &context) {
  DialectRegistry registry;
  registry.insert<mlir::attn::AttnDialect, tile::TileDialect, func::FuncDialect, scf::SCFDialect, memref::MemRefDialect>();
  context.appendDialectRegistry(registry);
  context.disableMultithreading();
}

Kernel buildKernel(MLIRContext &context, const KernelSpec &spec) {
  Kernel kernel;
  kernel.module = parseSourceString<ModuleOp>(spec.text(), &context);
  PassManager pm(&context);
  mlir::attn::PipelineOptions options;
  options.target = "sm_90a";
  options.stopAfter = mlir::attn::Stage::Placed;
  mlir::attn::buildPipeline(pm, options);
  if (!kernel.module || failed(pm.run(*kernel.module))) {
    kernel.module = nullptr;
    return kernel;
  }
  kernel.func = *kernel.module->getOps<func::FuncOp>().begin();
  kernel.query = collectUses(kernel.func, 0);
  kernel.key = collectUses(kernel.func, 1);
  kernel.value = collectUses(kernel.func, 2);
  return kernel;
}

} // namespace attn::test
