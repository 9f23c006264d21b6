// One compilation: its context, its module and what was reported. The steps of compile() are its functions, in order.
#ifndef ATTN_COMPILER_SESSION_H
#define ATTN_COMPILER_SESSION_H

#include "Diagnostics.h"

#include "attn/Compiler/Compiler.h"
#include "attn/Compiler/Describe.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/OwningOpRef.h"

namespace attn::compiler {

class Session {
public:
  explicit Session(const CompileOptions &options);

  /// Parses and verifies the text, and checks that it holds one kernel function.
  Error parse(std::string_view spec);

  /// Runs the target's passes, up to the stage that the options ask for.
  Error runPipeline();

  /// What the spec says. Before the pipeline runs.
  Result<SpecFacts> describe();

  /// The module as text, with locations left out.
  std::string print();

  mlir::ModuleOp module() { return *root; }
  std::vector<std::string> remarks;
  int spillBytes = 0; ///< of the machine code, where it was assembled here
  const std::vector<std::string> &warnings() const { return diagnostics.warningTexts(); }

  /// An error made of what MLIR reported, or of `otherwise`.
  Error failure(Status status, const std::string &otherwise) const {
    return {status, diagnostics.errorText(otherwise)};
  }

private:
  const CompileOptions &options;
  mlir::MLIRContext context;
  DiagnosticCollector diagnostics;
  mlir::OwningOpRef<mlir::ModuleOp> root;
};

} // namespace attn::compiler

#endif // ATTN_COMPILER_SESSION_H
