// Compiled images on demand: from the disk cache if it has them, else compiled and stored. Safe to use from many threads;
// one key is compiled once at a time in a process.
#ifndef ATTN_COMPILER_JIT_H
#define ATTN_COMPILER_JIT_H

#include "attn/Cache/DiskCache.h"
#include "attn/Compiler/Compiler.h"

#include <memory>

namespace attn::compiler {

struct JitImage {
  std::vector<uint8_t> bytes;
  bool fromCache = false;
  double milliseconds = 0; ///< that the call took
};

class Jit {
public:
  explicit Jit(const cache::Options &options = {});
  ~Jit();

  /// The image of a spec. Options other than target, plan and ptxas do not change it.
  Result<JitImage> get(std::string_view spec, const CompileOptions &options);

  /// Drops the entry of a spec, for callers whose driver refused it.
  void forget(std::string_view spec, const CompileOptions &options);

  cache::Stats stats() const;

  /// Why the disk is not used, as a sentence; empty if nothing is wrong.
  std::string cacheProblem() const;

private:
  struct State;
  std::unique_ptr<State> state;
};

/// Everything that an image depends on, hashed: schema, build, LLVM, assembler, target and host, plan, and the text
/// without comments and with spaces made one.
cache::Key keyOf(std::string_view spec, const CompileOptions &options);

} // namespace attn::compiler

#endif // ATTN_COMPILER_JIT_H
