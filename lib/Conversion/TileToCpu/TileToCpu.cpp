// convert-tile-to-cpu: the pass, and the pipeline that takes its result down to the LLVM dialect.
#include "attn/Conversion/TileToCpu.h"

#include "CpuEmitter.h"

#include "attn/Dialect/Tile/IR/KernelAttributes.h"

#include "mlir/Conversion/Passes.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Pass/Pass.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;
using mlir::attn::CpuTileOptions;

namespace mlir::attn {
#define GEN_PASS_DECL_CONVERTTILETOCPU
#define GEN_PASS_DEF_CONVERTTILETOCPU
#include "attn/Conversion/Passes.h.inc"
} // namespace mlir::attn

namespace {
struct ConvertTileToCpu : mlir::attn::impl::ConvertTileToCpuBase<ConvertTileToCpu> {
  using ConvertTileToCpuBase::ConvertTileToCpuBase;

  void runOnOperation() override {
    func::FuncOp kernel = getOperation();
    auto plan = kernel->getAttrOfType<tile::PlanAttr>(tile::kPlanAttr);
    if (!plan || plan.isGpu()) {
      kernel.emitOpError("expects a plan for a CPU");
      return signalPassFailure();
    }
    std::optional<::attn::target::Cpu> target = cpu ? cpu : ::attn::target::getCpu(level);
    if (!target) {
      kernel.emitError("expects the cpu option to be host, plain, avx2, avx512 or avx512bf16, got '") << level << "'";
      return signalPassFailure();
    }
    auto query = cast<MemRefType>(kernel.getArgumentTypes().front());
    bool pairs = query.getElementType().isBF16() && target->hasAvx512Bf16;
    if (failed(tile::cpu::CpuEmitter(kernel, *target, pairs).emit()))
      signalPassFailure();
  }

  std::optional<::attn::target::Cpu> cpu; ///< instead of the option, for pipelines
};
} // namespace

std::unique_ptr<Pass> mlir::attn::createConvertTileToCpuPass(const CpuTileOptions &options) {
  auto pass = std::make_unique<ConvertTileToCpu>();
  pass->cpu = options.cpu;
  return pass;
}

void mlir::attn::buildCpuPipeline(OpPassManager &pm, const ::attn::target::Cpu &cpu) {
  pm.addNestedPass<func::FuncOp>(createConvertTileToCpuPass({cpu}));
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
  pm.addPass(createSCFToControlFlowPass());
  pm.addPass(createConvertToLLVMPass());
  pm.addPass(createReconcileUnrealizedCastsPass());
}

void mlir::attn::registerTileToCpuPasses() {
  registerPass([] { return std::unique_ptr<Pass>(std::make_unique<ConvertTileToCpu>()); });
}
