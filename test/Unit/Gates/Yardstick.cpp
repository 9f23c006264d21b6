#include "Yardstick.h"

#include "llvm/ADT/SmallVector.h"
#include "llvm/AsmParser/Parser.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Module.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/ErrorHandling.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/Target/TargetMachine.h"

using namespace llvm;

/// A block reads a float, folds it into the sum, and goes on to one of its two successors by a comparison.
static std::string text() {
  constexpr int blocks = 250;
  std::string text = "define float @yardstick(ptr %p, i64 %n) {\nentry:\n  br label %b0\n";
  raw_string_ostream stream(text);
  for (int i = 0; i < blocks; ++i) {
    stream << "b" << i << ":\n";
    if (i == 0)
      stream << "  %s0 = phi float [ 0.0, %entry ], [ %r" << blocks - 1 << ", %b" << blocks - 1 << " ]\n"
             << "  %k = phi i64 [ 0, %entry ], [ %next, %b" << blocks - 1 << " ]\n";
    else
      stream << "  %s" << i << " = phi float [ %r" << i - 1 << ", %b" << i - 1 << " ], [ %x" << i - 1 << ", %t" << i - 1 << " ]\n";
    stream << "  %i" << i << " = add i64 %k, " << i * 7 % 64 << "\n  %a" << i << " = getelementptr float, ptr %p, i64 %i" << i
           << "\n  %v" << i << " = load float, ptr %a" << i << "\n  %m" << i << " = fmul float %v" << i << ", %s" << i << "\n  %r" << i
           << " = fadd float %m" << i << ", " << i << ".5\n  store float %r" << i << ", ptr %a" << i << "\n";
    if (i + 1 == blocks) {
      stream << "  %next = add i64 %k, 64\n  %more = icmp ult i64 %next, %n\n  br i1 %more, label %b0, label %end\n";
      break;
    }
    stream << "  %c" << i << " = fcmp olt float %m" << i << ", %v" << i << "\n  br i1 %c" << i << ", label %t" << i << ", label %b" << i + 1
           << "\nt" << i << ":\n  %x" << i << " = fsub float %r" << i << ", %v" << i << "\n  br label %b" << i + 1 << "\n";
  }
  stream << "end:\n  ret float %r" << blocks - 1 << "\n}\n";
  return text;
}

void attn::gates::compileYardstick() {
  InitializeNativeTarget();
  InitializeNativeTargetAsmPrinter();
  static const std::string source = text();
  LLVMContext context;
  SMDiagnostic diagnostic;
  std::unique_ptr<Module> module = parseAssemblyString(source, diagnostic, context);
  if (!module)
    report_fatal_error(diagnostic.getMessage());
  Triple triple("x86_64-unknown-linux-gnu");
  std::string error;
  const Target *target = TargetRegistry::lookupTarget(triple, error);
  if (!target)
    report_fatal_error(error.c_str());
  std::unique_ptr<TargetMachine> machine(target->createTargetMachine(triple, "x86-64-v3", "", TargetOptions(), Reloc::PIC_));
  module->setTargetTriple(triple);
  module->setDataLayout(machine->createDataLayout());
  PassBuilder builder(machine.get());
  LoopAnalysisManager loops;
  FunctionAnalysisManager functions;
  CGSCCAnalysisManager callGraph;
  ModuleAnalysisManager modules;
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(callGraph);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, callGraph, modules);
  builder.buildPerModuleDefaultPipeline(OptimizationLevel::O2).run(*module, modules);
  SmallVector<char, 0> object;
  raw_svector_ostream stream(object);
  legacy::PassManager codegen;
  if (machine->addPassesToEmitFile(codegen, stream, nullptr, CodeGenFileType::ObjectFile))
    report_fatal_error("the yardstick of compile times has no object file");
  codegen.run(*module);
}
