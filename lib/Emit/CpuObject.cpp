// LLVM dialect -> LLVM IR -> optimised IR -> ELF relocatable object, for one processor.
#include "attn/Emit/Cpu.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
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

/// The kernels are vectors and loops already blocked by hand: what would vectorise or unroll them again costs compile time
/// and registers.
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
  // Without library information no loop becomes a call of memset or memcpy, which the object must not have.
  functions.registerPass([] {
    llvm::TargetLibraryInfoImpl none{llvm::Triple("x86_64-unknown-linux-gnu")};
    none.disableAllFunctions();
    return llvm::TargetLibraryAnalysis(none);
  });
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(callGraph);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, callGraph, modules);
  builder.buildPerModuleDefaultPipeline(llvm::OptimizationLevel::O3).run(module, modules);
}

/// Translates and optimises. `context` owns the result.
static std::unique_ptr<llvm::Module> makeModule(mlir::ModuleOp source, llvm::LLVMContext &context,
                                                llvm::TargetMachine &machine) {
  mlir::DialectRegistry registry;
  mlir::registerBuiltinDialectTranslation(registry);
  mlir::registerLLVMDialectTranslation(registry);
  source.getContext()->appendDialectRegistry(registry);
  std::unique_ptr<llvm::Module> module = mlir::translateModuleToLLVMIR(source, context, "attn");
  if (!module)
    return nullptr;
  module->setDataLayout(machine.createDataLayout());
  module->setTargetTriple(machine.getTargetTriple());
  for (llvm::Function &function : *module)
    if (!function.isDeclaration()) {
      function.addFnAttr("target-cpu", machine.getTargetCPU());
      function.addFnAttr("target-features", machine.getTargetFeatureString());
      function.addFnAttr("no-builtins");
      function.addFnAttr(llvm::Attribute::NoUnwind);
    }
  optimize(*module, machine);
  return module;
}

namespace {
/// An optimised module with all that it refers to.
struct Compiled {
  std::unique_ptr<llvm::TargetMachine> machine;
  std::unique_ptr<llvm::LLVMContext> context = std::make_unique<llvm::LLVMContext>();
  std::unique_ptr<llvm::Module> module;
};
} // namespace

static Result<Compiled> compile(mlir::ModuleOp source, const target::Cpu &cpu) {
  Compiled compiled;
  std::string error;
  compiled.machine = makeTargetMachine(cpu, error);
  if (!compiled.machine)
    return failed("CPU code, expects LLVM's X86 target, got: " + error);
  compiled.module = makeModule(source, *compiled.context, *compiled.machine);
  if (!compiled.module)
    return failed("CPU code, expects a module of the LLVM dialect, got one that does not translate to LLVM IR");
  return compiled;
}

Result<std::vector<uint8_t>> emitCpuObject(mlir::ModuleOp module, const target::Cpu &cpu) {
  Result<Compiled> compiled = compile(module, cpu);
  if (!compiled)
    return compiled.error();
  llvm::SmallVector<char, 0> bytes;
  llvm::raw_svector_ostream stream(bytes);
  llvm::legacy::PassManager codegen;
  if (compiled->machine->addPassesToEmitFile(codegen, stream, nullptr, llvm::CodeGenFileType::ObjectFile))
    return failed("CPU code, expects a target that writes objects, got one that does not");
  codegen.run(*compiled->module);
  return std::vector<uint8_t>(bytes.begin(), bytes.end());
}

Result<std::string> emitCpuLlvm(mlir::ModuleOp module, const target::Cpu &cpu) {
  Result<Compiled> compiled = compile(module, cpu);
  if (!compiled)
    return compiled.error();
  std::string text;
  llvm::raw_string_ostream stream(text);
  compiled->module->print(stream, nullptr);
  return text;
}

} // namespace attn::emit
