// LLVM and NVVM dialects -> LLVM IR -> optimised IR -> PTX for sm_90a.
#include "attn/Emit/Gpu.h"

#include "Translate.h"

#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/GPU/GPUToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/NVVM/NVVMToLLVMIRTranslation.h"
#include "llvm/IR/OptBisect.h"
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

/// Writes -x as 0 - x with a 0 that the assembler cannot know: the sign of an extent, word 1 of the block of arguments.
///
/// ptxas 13.0 (V13.0.88, -O1 to -O3) drops the negation of a value in a uniform register where it fuses two maxima into
/// VIMNMX3, so that max(max(a, -b), c) becomes max(max(a, b), c). In a kernel whose roles both counted key blocks by such maxima
/// the producer, which has the values in other registers, counted right and waited for ever for the consumers.
static void hideNegations(std::string &ptx) {
  constexpr llvm::StringLiteral negation = "neg.s32 \t", difference = "sub.s32 \t", block = ".param .align 8 .b8 ";
  size_t argument = ptx.find(block), body = ptx.find("\n{\n");
  if (argument == ptx.npos || body == ptx.npos || argument > body || ptx.find(negation, body) == ptx.npos)
    return;
  argument += block.size();
  std::string name = ptx.substr(argument, ptx.find('[', argument) - argument);
  for (size_t at = ptx.find(negation, body); at != ptx.npos; at = ptx.find(negation, at)) {
    ptx.replace(at, negation.size(), difference);
    ptx.insert(ptx.find(", ", at) + 2, "%zero, ");
  }
  ptx.insert(body + 3, "\t.reg .b32 \t%zero;\n\tld.param.b32 \t%zero, [" + name + "+12];\n\tshr.u32 \t%zero, %zero, 31;\n");
}

namespace {
/// All of LLVM's code generator but its loop strength reduction. That gives the columns of a tile, which a mask or a score
/// computes with, a counter each where it can: registers that kernels do not have, found in up to three seconds.
class NoStrengthReduction : public llvm::OptPassGate {
public:
  bool shouldRunPass(llvm::StringRef name, llvm::StringRef) const override { return name != "Loop Strength Reduction"; }
  bool isEnabled() const override { return true; }
};
} // namespace

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
  NoStrengthReduction gate;
  compiled->context->setOptPassGate(gate);
  llvm::SmallString<0> text;
  llvm::raw_svector_ostream stream(text);
  if (!emitFile(*compiled, llvm::CodeGenFileType::AssemblyFile, stream))
    return failed("PTX, expects a target that writes assembly, got one that does not");
  std::string ptx = text.str().str();
  hideNegations(ptx);
  return ptx;
}

} // namespace attn::emit
