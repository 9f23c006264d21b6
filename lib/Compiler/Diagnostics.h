// Catches what MLIR reports while one compilation runs, as text.
#ifndef ATTN_COMPILER_DIAGNOSTICS_H
#define ATTN_COMPILER_DIAGNOSTICS_H

#include "mlir/IR/Diagnostics.h"

#include <string>
#include <vector>

namespace attn::compiler {

/// Takes the diagnostics of a context for as long as it lives.
class DiagnosticCollector {
public:
  explicit DiagnosticCollector(mlir::MLIRContext *context);

  /// Errors with their notes, one diagnostic a line, or `otherwise` if there was none.
  std::string errorText(const std::string &otherwise) const { return errors.empty() ? otherwise : errors; }
  const std::vector<std::string> &warningTexts() const { return warnings; }

private:
  void handle(mlir::Diagnostic &diagnostic);

  std::string errors;
  std::vector<std::string> warnings;
  mlir::ScopedDiagnosticHandler handler;
};

/// Appends each remark that passes make in a context to `remarks`, until the context goes.
void collectRemarks(mlir::MLIRContext *context, std::vector<std::string> &remarks);

} // namespace attn::compiler

#endif // ATTN_COMPILER_DIAGNOSTICS_H
