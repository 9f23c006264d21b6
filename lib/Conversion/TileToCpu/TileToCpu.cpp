// convert-tile-to-cpu: the pass and its pipeline. Refuses every kernel by name until the conversion stands.
#include "attn/Conversion/TileToCpu.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Pass/Pass.h"
#include "mlir/Pass/PassManager.h"

using namespace mlir;

namespace {
struct ConvertTileToCpu : PassWrapper<ConvertTileToCpu, OperationPass<func::FuncOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(ConvertTileToCpu)

  StringRef getArgument() const override { return "convert-tile-to-cpu"; }
  StringRef getDescription() const override { return "Convert kernels at stage stepped to vectors and loops"; }

  void runOnOperation() override {
    getOperation().emitOpError("is not lowered to a CPU by this version: ask for target sm_90a");
    signalPassFailure();
  }
};
} // namespace

std::unique_ptr<Pass> mlir::attn::createConvertTileToCpuPass(const mlir::attn::CpuTileOptions &) {
  return std::make_unique<ConvertTileToCpu>();
}

void mlir::attn::buildCpuPipeline(OpPassManager &pm, const ::attn::target::Cpu &cpu) {
  pm.addNestedPass<func::FuncOp>(createConvertTileToCpuPass({cpu}));
}

void mlir::attn::registerTileToCpuPasses() {
  registerPass([] { return createConvertTileToCpuPass({::attn::target::getHostCpu()}); });
}
