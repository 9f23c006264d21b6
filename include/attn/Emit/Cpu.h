// CPU code from the LLVM dialect: LLVM IR, optimised for one processor, relocatable object code, and a loader for it.
// No options of LLVM's command line are read or set, and no signal handlers are installed.
#ifndef ATTN_EMIT_CPU_H
#define ATTN_EMIT_CPU_H

#include "attn/Support/Result.h"
#include "attn/Target/Cpu.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace mlir {
class ModuleOp;
} // namespace mlir

namespace attn::emit {

/// Translates a module of the LLVM dialect, optimises it for the processor and returns an ELF relocatable object without
/// undefined symbols.
Result<std::vector<uint8_t>> emitCpuObject(mlir::ModuleOp module, const target::Cpu &cpu);

/// The same, as the text of the optimised LLVM IR.
Result<std::string> emitCpuLlvm(mlir::ModuleOp module, const target::Cpu &cpu);

/// The entry point of a CPU kernel; see docs/spec.md for the argument block.
using CpuFunction = void (*)(const int64_t *arguments, int64_t first, int64_t last, void *scratch);

/// An object linked into this process. The code lives as long as this does.
class CpuJit {
public:
  /// Links an object from memory and finds a symbol in it. Refuses an object with undefined symbols, and one compiled for
  /// features that this processor lacks when `features` (the image's architecture) is given.
  static Result<std::unique_ptr<CpuJit>> load(const uint8_t *object, size_t bytes, const std::string &symbol,
                                              const std::string &features = {});
  ~CpuJit();

  CpuFunction getFunction() const { return function; }

private:
  struct Linked;
  CpuJit(std::unique_ptr<Linked> linked, CpuFunction function);

  std::unique_ptr<Linked> linked;
  CpuFunction function;
};

} // namespace attn::emit

#endif // ATTN_EMIT_CPU_H
