// The compiler as a library: the text of a spec in, an image or the text of a stage out. It never prints, exits or keeps
// global state; everything it has to say is in the result. The C interface and the tools are thin layers over this.
#ifndef ATTN_COMPILER_COMPILER_H
#define ATTN_COMPILER_COMPILER_H

#include "attn/Support/Result.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace attn::compiler {

/// What a compilation yields.
enum class Emit {
  Image,  ///< the kernel with its launch facts, for the runtime
  Ptx,    ///< PTX text (GPU)
  Cubin,  ///< GPU machine code
  Object, ///< relocatable object code (CPU)
  Llvm,   ///< LLVM IR text
  Mlir    ///< MLIR text at the last stage, or at stopAfter
};

struct CompileOptions {
  std::string target = "cpu"; ///< "cpu" or "sm_90a"
  std::string cpu = "host";   ///< processor of CPU code: host, plain (x86-64), avx2, avx512 or avx512bf16
  std::string plan;           ///< a #tile.plan<…> to use instead of choosing one
  std::string planTable;      ///< text of a table of plans (attn-choose-plan) to look into before the compiler's own
  int64_t lengthHint = 0;     ///< keys to plan for where the spec leaves their extent open; 0: not known
  Emit emit = Emit::Image;
  std::string stopAfter;      ///< name of the last stage to run; needs Emit::Mlir
  std::string dumpDirectory;  ///< if set, gets a file NN-<stage>.mlir for each stage
  bool remarks = false;       ///< collect remarks
  bool verifyEach = false;    ///< verify the IR after each pass, not only at the end
  std::string ptxasPath;      ///< absolute path of ptxas; empty: look where CUDA installs it
  std::string sourceName = "spec"; ///< what messages call the text
};

struct CompileOutput {
  std::vector<uint8_t> bytes;        ///< image, code or text, as asked
  std::vector<std::string> remarks;  ///< in the order in which passes made them
  std::vector<std::string> warnings; ///< with their notes
};

/// Limits on spec text, checked before it is parsed.
constexpr size_t maxSpecBytes = size_t(16) << 20;
constexpr unsigned maxSpecNesting = 256;

/// Compiles one spec: an MLIR module in text form with one kernel function. Thread-safe; each call has its own context.
/// InvalidSpec: the text does not parse or verify. Unsupported: the target refuses the spec by name. InvalidArgument: an
/// option is wrong. CompileFailed: a pass or the assembler failed.
Result<CompileOutput> compile(std::string_view spec, const CompileOptions &options);

/// The name an option has in flags and in keys, as in "image".
std::string_view nameOf(Emit emit);
/// Emit of that name, or nothing.
std::optional<Emit> emitOf(std::string_view name);

/// All stage names in order, separated by ", ".
std::string stageNames();

/// The versions that go into each image and key: "attn-mlir 0.1.0, LLVM 22.1.8".
std::string producerName();

} // namespace attn::compiler

#endif // ATTN_COMPILER_COMPILER_H
