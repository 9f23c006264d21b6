// Watches a pass pipeline: writes the IR of each stage to a file, and remembers which pass failed.
#ifndef ATTN_COMPILER_STAGEFILES_H
#define ATTN_COMPILER_STAGEFILES_H

#include "mlir/Pass/PassInstrumentation.h"

#include <string>

namespace attn::compiler {

/// What is known of a pipeline's run. Outlives the pass manager.
struct PipelineWatch {
  std::string directory;  ///< for NN-<stage>.mlir; empty: no files
  std::string failedPass; ///< textual name of the first pass that failed
  std::string ioProblem;  ///< why a file could not be written
};

class StageFiles : public mlir::PassInstrumentation {
public:
  explicit StageFiles(PipelineWatch &watch) : watch(watch) {}

  void runAfterPass(mlir::Pass *pass, mlir::Operation *op) override;
  void runAfterPassFailed(mlir::Pass *pass, mlir::Operation *op) override;

private:
  PipelineWatch &watch;
};

/// Writes text to a file. Returns why that failed, or nothing.
std::string writeTextFile(const std::string &path, llvm::StringRef text);

} // namespace attn::compiler

#endif // ATTN_COMPILER_STAGEFILES_H
