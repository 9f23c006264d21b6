// LLVM and NVVM dialects -> LLVM IR -> optimised IR -> PTX for sm_90a.
#include "attn/Emit/Gpu.h"

#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/GPU/GPUToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/NVVM/NVVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Export.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Module.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Target/TargetMachine.h"

#include <mutex>

namespace attn::emit {

static Error failed(std::string sentence) { return {Status::CompileFailed, std::move(sentence)}; }

static std::unique_ptr<llvm::TargetMachine> makeTargetMachine() {
  static std::once_flag once;
  std::call_once(once, [] {
    LLVMInitializeNVPTXTargetInfo();
    LLVMInitializeNVPTXTarget();
    LLVMInitializeNVPTXTargetMC();
    LLVMInitializeNVPTXAsmPrinter();
  });
  llvm::Triple triple("nvptx64-nvidia-cuda");
  std::string error;
  const llvm::Target *target = llvm::TargetRegistry::lookupTarget(triple, error);
  if (!target)
    return nullptr;
  llvm::TargetOptions options;
  return std::unique_ptr<llvm::TargetMachine>(
      target->createTargetMachine(triple, "sm_90a", "+ptx87", options, llvm::Reloc::PIC_, std::nullopt,
                                  llvm::CodeGenOptLevel::Default, /*JIT=*/false));
}

/// The loops were scheduled by passes of ours: nothing here may unroll or rotate work across their waits.
static void optimize(llvm::Module &module, llvm::TargetMachine &machine) {
  llvm::PipelineTuningOptions tuning;
  tuning.LoopVectorization = false;
  tuning.SLPVectorization = false;
  tuning.LoopUnrolling = false;
  tuning.LoopInterleaving = false;
  llvm::PassBuilder builder(&machine, tuning);
  llvm::LoopAnalysisManager loops;
  llvm::FunctionAnalysisManager functions;
  llvm::CGSCCAnalysisManager callGraph;
  llvm::ModuleAnalysisManager modules;
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(callGraph);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, callGraph, modules);
  builder.buildPerModuleDefaultPipeline(llvm::OptimizationLevel::O2).run(module, modules);
}

namespace {
/// An optimised module with all that it refers to.
struct Compiled {
  std::unique_ptr<llvm::TargetMachine> machine;
  std::unique_ptr<llvm::LLVMContext> context = std::make_unique<llvm::LLVMContext>();
  std::unique_ptr<llvm::Module> module;
};
} // namespace

static Result<Compiled> compile(mlir::gpu::GPUModuleOp source) {
  Compiled compiled;
  compiled.machine = makeTargetMachine();
  if (!compiled.machine)
    return failed("PTX, expects LLVM's NVPTX target, got an LLVM without it");
  mlir::DialectRegistry registry;
  mlir::registerBuiltinDialectTranslation(registry);
  mlir::registerGPUDialectTranslation(registry);
  mlir::registerLLVMDialectTranslation(registry);
  mlir::registerNVVMDialectTranslation(registry);
  source.getContext()->appendDialectRegistry(registry);
  compiled.module = mlir::translateModuleToLLVMIR(source, *compiled.context, "attn");
  if (!compiled.module)
    return failed("PTX, expects a module of the llvm and nvvm dialects, got one that does not translate to LLVM IR");
  compiled.module->setDataLayout(compiled.machine->createDataLayout());
  compiled.module->setTargetTriple(compiled.machine->getTargetTriple());
  optimize(*compiled.module, *compiled.machine);
  return compiled;
}

Result<std::string> emitGpuLlvm(mlir::gpu::GPUModuleOp module) {
  Result<Compiled> compiled = compile(module);
  if (!compiled)
    return compiled.error();
  std::string text;
  llvm::raw_string_ostream stream(text);
  compiled->module->print(stream, nullptr);
  return text;
}

Result<std::string> emitPtx(mlir::gpu::GPUModuleOp module) {
  Result<Compiled> compiled = compile(module);
  if (!compiled)
    return compiled.error();
  llvm::SmallString<0> text;
  llvm::raw_svector_ostream stream(text);
  llvm::legacy::PassManager codegen;
  if (compiled->machine->addPassesToEmitFile(codegen, stream, nullptr, llvm::CodeGenFileType::AssemblyFile))
    return failed("PTX, expects a target that writes assembly, got one that does not");
  codegen.run(*compiled->module);
  return text.str().str();
}

} // namespace attn::emit
