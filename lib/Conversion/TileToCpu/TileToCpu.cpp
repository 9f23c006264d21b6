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

namespace {
struct ConvertTileToCpu : PassWrapper<ConvertTileToCpu, OperationPass<func::FuncOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(ConvertTileToCpu)

  ConvertTileToCpu() = default;
  ConvertTileToCpu(const ConvertTileToCpu &other) : PassWrapper(other), cpu(other.cpu) {}
  explicit ConvertTileToCpu(const ::attn::target::Cpu &cpu) : cpu(cpu) {}

  StringRef getArgument() const override { return "convert-tile-to-cpu"; }
  StringRef getDescription() const override { return "Convert kernels at stage stepped to loops over vectors"; }
  void getDependentDialects(DialectRegistry &registry) const override {
    registry.insert<LLVM::LLVMDialect, arith::ArithDialect, math::MathDialect, scf::SCFDialect>();
  }

  void runOnOperation() override {
    func::FuncOp kernel = getOperation();
    auto plan = kernel->getAttrOfType<tile::PlanAttr>(tile::kPlanAttr);
    if (!plan || plan.isGpu()) {
      kernel.emitOpError("expects a plan for a CPU");
      return signalPassFailure();
    }
    ::attn::target::Cpu target = cpu.value_or(::attn::target::getHostCpu());
    if (!level.empty()) {
      std::optional<::attn::target::Cpu> named = ::attn::target::getCpu(level);
      if (!named) {
        kernel.emitError("expects the cpu option to be host, plain, avx2, avx512 or avx512bf16, got '") << level << "'";
        return signalPassFailure();
      }
      target = *named;
    }
    auto query = cast<MemRefType>(kernel.getArgumentTypes().front());
    bool pairs = query.getElementType().isBF16() && target.hasAvx512Bf16;
    if (failed(tile::cpu::CpuEmitter(kernel, target, pairs).emit()))
      signalPassFailure();
  }

  std::optional<::attn::target::Cpu> cpu;
  Option<std::string> level{*this, "cpu", llvm::cl::desc("host, plain, avx2, avx512 or avx512bf16")};
};
} // namespace

std::unique_ptr<Pass> mlir::attn::createConvertTileToCpuPass(const CpuTileOptions &options) {
  return std::make_unique<ConvertTileToCpu>(options.cpu);
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
