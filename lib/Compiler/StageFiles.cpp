// A stage ends with tile-verify-stage, so that pass's option names the stage whose IR is now complete.
#include "StageFiles.h"

#include "attn/Transforms/Stages.h"

#include "mlir/IR/Operation.h"
#include "mlir/Pass/Pass.h"
#include "llvm/Support/FormatVariadic.h"

#include <cerrno>
#include <cstdio>
#include <cstring>

using namespace mlir;

namespace attn::compiler {

// stdio rather than raw_fd_ostream, which ends the process when a write fails unseen.
std::string writeTextFile(const std::string &path, llvm::StringRef text) {
  std::FILE *file = std::fopen(path.c_str(), "wb");
  bool written = file && std::fwrite(text.data(), 1, text.size(), file) == text.size();
  int reason = errno;
  if (file && std::fclose(file) != 0 && written)
    written = false, reason = errno;
  return written ? "" : "cannot write '" + path + "': " + std::strerror(reason);
}

/// The stage that a tile-verify-stage pass has checked, or nothing for other passes.
static std::optional<mlir::attn::Stage> stageOf(Pass *pass) {
  if (pass->getArgument() != "tile-verify-stage")
    return std::nullopt;
  std::string text;
  llvm::raw_string_ostream stream(text);
  pass->printAsTextualPipeline(stream);
  llvm::StringRef name = llvm::StringRef(text).split("stage=").second;
  return mlir::attn::symbolizeStage(name.take_until([](char c) { return c == '}' || c == ' '; }));
}

void StageFiles::runAfterPass(Pass *pass, Operation *op) {
  if (watch.directory.empty())
    return;
  std::optional<mlir::attn::Stage> stage = stageOf(pass);
  if (!stage)
    return;
  std::string text;
  llvm::raw_string_ostream stream(text);
  op->print(stream);
  stream << "\n";
  std::string path = llvm::formatv("{0}/{1,0+2}-{2}.mlir", watch.directory, static_cast<int>(*stage),
                                   mlir::attn::stringifyStage(*stage));
  if (std::string problem = writeTextFile(path, text); !problem.empty())
    watch.ioProblem = problem;
}

void StageFiles::runAfterPassFailed(Pass *pass, Operation *) {
  // The adaptor that runs function passes fails as well, after the pass itself.
  if (watch.failedPass.empty())
    watch.failedPass = pass->getArgument().str();
}

} // namespace attn::compiler
