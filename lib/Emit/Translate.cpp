// LLVM's pass managers, set up once for both targets.
#include "Translate.h"

#include "mlir/Target/LLVMIR/Export.h"
#include "llvm/IR/LegacyPassManager.h"

namespace attn::emit {

/// The loops were blocked and scheduled by passes of ours: what would vectorise, unroll or rotate them again costs compile
/// time and registers on a CPU, and moves work across waits on a GPU.
static llvm::PipelineTuningOptions noLoops() {
  llvm::PipelineTuningOptions tuning;
  tuning.LoopVectorization = false;
  tuning.SLPVectorization = false;
  tuning.LoopUnrolling = false;
  tuning.LoopInterleaving = false;
  return tuning;
}

static void optimize(Compiled &compiled, const Translation &translation) {
  llvm::PassBuilder builder(compiled.machine.get(), noLoops());
  llvm::LoopAnalysisManager loops;
  llvm::FunctionAnalysisManager functions;
  llvm::CGSCCAnalysisManager callGraph;
  llvm::ModuleAnalysisManager modules;
  if (translation.prepare)
    translation.prepare(*compiled.module, functions);
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(callGraph);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, callGraph, modules);
  builder.buildPerModuleDefaultPipeline(translation.level).run(*compiled.module, modules);
}

Result<Compiled> translate(mlir::Operation *source, std::unique_ptr<llvm::TargetMachine> machine,
                           const Translation &translation) {
  Compiled compiled;
  compiled.machine = std::move(machine);
  compiled.module = mlir::translateModuleToLLVMIR(source, *compiled.context, "attn");
  if (!compiled.module)
    return Error{Status::CompileFailed, std::string(translation.subject) + ", expects a module of the " +
                                            translation.dialects + ", got one that does not translate to LLVM IR"};
  compiled.module->setDataLayout(compiled.machine->createDataLayout());
  compiled.module->setTargetTriple(compiled.machine->getTargetTriple());
  optimize(compiled, translation);
  return compiled;
}

std::string printLlvm(const Compiled &compiled) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  compiled.module->print(stream, nullptr);
  return text;
}

bool emitFile(Compiled &compiled, llvm::CodeGenFileType type, llvm::raw_pwrite_stream &stream) {
  llvm::legacy::PassManager codegen;
  if (compiled.machine->addPassesToEmitFile(codegen, stream, nullptr, type))
    return false;
  codegen.run(*compiled.module);
  return true;
}

} // namespace attn::emit
