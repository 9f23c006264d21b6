// LLVM dialect -> LLVM IR -> optimised IR -> ELF relocatable object, for one processor.
#include "attn/Emit/Cpu.h"

#include "Translate.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Support/TargetSelect.h"

#include <mutex>

namespace attn::emit {

static Error failed(std::string sentence) { return {Status::CompileFailed, std::move(sentence)}; }

static void initializeX86() {
  static std::once_flag once;
  std::call_once(once, [] {
    LLVMInitializeX86TargetInfo();
    LLVMInitializeX86Target();
    LLVMInitializeX86TargetMC();
    LLVMInitializeX86AsmPrinter();
  });
}

static std::unique_ptr<llvm::TargetMachine> makeTargetMachine(const target::Cpu &cpu, std::string &error) {
  initializeX86();
  llvm::Triple triple("x86_64-unknown-linux-gnu");
  const llvm::Target *target = llvm::TargetRegistry::lookupTarget(triple, error);
  if (!target)
    return nullptr;
  llvm::TargetOptions options;
  return std::unique_ptr<llvm::TargetMachine>(target->createTargetMachine(
      triple, cpu.name, cpu.features, options, llvm::Reloc::PIC_, std::nullopt, llvm::CodeGenOptLevel::Aggressive,
      /*JIT=*/false));
}

/// Marks the functions for the processor. They call nothing, so no loop may become a call of memset or memcpy either.
static void prepare(llvm::Module &module, llvm::FunctionAnalysisManager &analyses, const llvm::TargetMachine &machine) {
  for (llvm::Function &function : module)
    if (!function.isDeclaration()) {
      function.addFnAttr("target-cpu", machine.getTargetCPU());
      function.addFnAttr("target-features", machine.getTargetFeatureString());
      function.addFnAttr("no-builtins");
      function.addFnAttr(llvm::Attribute::NoUnwind);
    }
  analyses.registerPass([triple = machine.getTargetTriple()] {
    llvm::TargetLibraryInfoImpl none{triple};
    none.disableAllFunctions();
    return llvm::TargetLibraryAnalysis(none);
  });
}

static Result<Compiled> compile(mlir::ModuleOp source, const target::Cpu &cpu) {
  std::string error;
  std::unique_ptr<llvm::TargetMachine> machine = makeTargetMachine(cpu, error);
  if (!machine)
    return failed("CPU code, expects LLVM's X86 target, got: " + error);
  mlir::DialectRegistry registry;
  mlir::registerBuiltinDialectTranslation(registry);
  mlir::registerLLVMDialectTranslation(registry);
  source.getContext()->appendDialectRegistry(registry);
  auto add = [&machine = *machine](llvm::Module &module, llvm::FunctionAnalysisManager &analyses) {
    prepare(module, analyses, machine);
  };
  return translate(source, std::move(machine), {"CPU code", "LLVM dialect", llvm::OptimizationLevel::O3, add});
}

Result<std::vector<uint8_t>> emitCpuObject(mlir::ModuleOp module, const target::Cpu &cpu) {
  Result<Compiled> compiled = compile(module, cpu);
  if (!compiled)
    return compiled.error();
  llvm::SmallVector<char, 0> bytes;
  llvm::raw_svector_ostream stream(bytes);
  if (!emitFile(*compiled, llvm::CodeGenFileType::ObjectFile, stream))
    return failed("CPU code, expects a target that writes objects, got one that does not");
  return std::vector<uint8_t>(bytes.begin(), bytes.end());
}

Result<std::string> emitCpuLlvm(mlir::ModuleOp module, const target::Cpu &cpu) {
  Result<Compiled> compiled = compile(module, cpu);
  if (!compiled)
    return compiled.error();
  return printLlvm(*compiled);
}

} // namespace attn::emit
