// LLVM and NVVM dialects -> LLVM IR -> optimised IR -> PTX for sm_90a.
#include "attn/Emit/Gpu.h"

#include "Translate.h"

#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/GPU/GPUToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/NVVM/NVVMToLLVMIRTranslation.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Support/TargetSelect.h"

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

static Result<Compiled> compile(mlir::gpu::GPUModuleOp source) {
  std::unique_ptr<llvm::TargetMachine> machine = makeTargetMachine();
  if (!machine)
    return failed("PTX, expects LLVM's NVPTX target, got an LLVM without it");
  mlir::DialectRegistry registry;
  mlir::registerBuiltinDialectTranslation(registry);
  mlir::registerGPUDialectTranslation(registry);
  mlir::registerLLVMDialectTranslation(registry);
  mlir::registerNVVMDialectTranslation(registry);
  source.getContext()->appendDialectRegistry(registry);
  return translate(source, std::move(machine), {"PTX", "llvm and nvvm dialects", llvm::OptimizationLevel::O2});
}

Result<std::string> emitGpuLlvm(mlir::gpu::GPUModuleOp module) {
  Result<Compiled> compiled = compile(module);
  if (!compiled)
    return compiled.error();
  return printLlvm(*compiled);
}

Result<std::string> emitPtx(mlir::gpu::GPUModuleOp module) {
  Result<Compiled> compiled = compile(module);
  if (!compiled)
    return compiled.error();
  llvm::SmallString<0> text;
  llvm::raw_svector_ostream stream(text);
  if (!emitFile(*compiled, llvm::CodeGenFileType::AssemblyFile, stream))
    return failed("PTX, expects a target that writes assembly, got one that does not");
  return text.str().str();
}

} // namespace attn::emit
