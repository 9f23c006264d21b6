// convert-tile-to-nvvm: the pass, and the pipeline that takes its result down to the LLVM dialect.
#include "attn/Conversion/TileToNVVM.h"

#include "KernelEmitter.h"

#include "attn/Dialect/Tile/IR/KernelAttributes.h"

#include "mlir/Conversion/Passes.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;

namespace mlir::attn {
#define GEN_PASS_DEF_CONVERTTILETONVVM
#include "attn/Conversion/Passes.h.inc"
} // namespace mlir::attn

namespace {
struct ConvertTileToNVVM : mlir::attn::impl::ConvertTileToNVVMBase<ConvertTileToNVVM> {
  void runOnOperation() override {
    SmallVector<func::FuncOp> kernels(getOperation().getOps<func::FuncOp>());
    OpBuilder b = OpBuilder::atBlockEnd(getOperation().getBody());
    auto module = gpu::GPUModuleOp::create(b, getOperation().getLoc(), "kernels");
    for (func::FuncOp kernel : kernels) {
      auto plan = kernel->getAttrOfType<tile::PlanAttr>(tile::kPlanAttr);
      if (!plan || !plan.isGpu()) {
        kernel.emitOpError("expects a plan for a GPU");
        return signalPassFailure();
      }
      if (failed(tile::KernelEmitter(kernel, plan, module).emit()))
        return signalPassFailure();
      kernel.eraseBody(); // what stays is the record of the launch facts
      kernel.setPrivate();
    }
  }
};
} // namespace

std::unique_ptr<Pass> attn::createConvertTileToNVVMPass() { return std::make_unique<ConvertTileToNVVM>(); }

void attn::buildNvvmPipeline(OpPassManager &pm) {
  pm.addPass(createConvertTileToNVVMPass());
  OpPassManager &kernels = pm.nest<gpu::GPUModuleOp>();
  // From the uses to the definitions: the other way takes ten times as long for the same code.
  kernels.addPass(createCanonicalizerPass(GreedyRewriteConfig().setUseTopDownTraversal(false)));
  kernels.addPass(createCSEPass());
  kernels.addPass(createSCFToControlFlowPass());
  // Not convert-gpu-to-nvvm: it would call libdevice, which is no part of this pipeline.
  kernels.addPass(createConvertToLLVMPass());
  kernels.addPass(createReconcileUnrealizedCastsPass());
}

void attn::registerTileToNVVMPasses() {
  registerPass([] { return createConvertTileToNVVMPass(); });
}
