// What both targets have in common on the way to machine code: MLIR's translation to LLVM IR, LLVM's optimisation, and its
// code generator. A target gives its machine and what it adds to the module.
#ifndef ATTN_LIB_EMIT_TRANSLATE_H
#define ATTN_LIB_EMIT_TRANSLATE_H

#include "attn/Support/Result.h"

#include "mlir/IR/Operation.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/IR/Module.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/CodeGen.h"
#include "llvm/Target/TargetMachine.h"

#include <memory>
#include <string>

namespace attn::emit {

/// An optimised module with all that it refers to.
struct Compiled {
  std::unique_ptr<llvm::TargetMachine> machine;
  std::unique_ptr<llvm::LLVMContext> context = std::make_unique<llvm::LLVMContext>();
  std::unique_ptr<llvm::Module> module;
};

/// What a target wants.
struct Translation {
  const char *subject;  ///< the first words of errors: "PTX"
  const char *dialects; ///< that the source is of, for the error where it is not
  llvm::OptimizationLevel level;
  /// Called before the optimisation, on the fresh module and the analyses of its functions.
  llvm::function_ref<void(llvm::Module &, llvm::FunctionAnalysisManager &)> prepare = nullptr;
};

/// Translates and optimises a module whose dialects' translations are registered in its context.
Result<Compiled> translate(mlir::Operation *source, std::unique_ptr<llvm::TargetMachine> machine,
                           const Translation &translation);

/// The text of the module.
std::string printLlvm(const Compiled &compiled);

/// Writes the module as assembly or as an object. False: the target has no such files.
bool emitFile(Compiled &compiled, llvm::CodeGenFileType type, llvm::raw_pwrite_stream &stream);

} // namespace attn::emit

#endif // ATTN_LIB_EMIT_TRANSLATE_H
