// GPU code from a gpu.module of the LLVM and NVVM dialects: LLVM IR, PTX, and machine code through NVIDIA's assembler.
#ifndef ATTN_EMIT_GPU_H
#define ATTN_EMIT_GPU_H

#include "attn/Support/Result.h"

#include <cstdint>
#include <string>
#include <vector>

namespace mlir::gpu {
class GPUModuleOp;
} // namespace mlir::gpu

namespace attn::emit {

/// The text of the optimised LLVM IR for sm_90a.
Result<std::string> emitGpuLlvm(mlir::gpu::GPUModuleOp module);

/// PTX 8.7 for sm_90a, which drivers from CUDA 12.8 on understand.
Result<std::string> emitPtx(mlir::gpu::GPUModuleOp module);

/// What the assembler says about a kernel, as `ptxas -v` prints it.
struct AssemblerReport {
  int registers = 0;               ///< of a thread at entry
  int spillBytes = 0;              ///< stores and loads together
  int stackBytes = 0;              ///< local memory of a thread
  std::vector<std::string> notes;  ///< performance notes and warnings, as in "C7512 : Potential Performance Loss …"
  std::string version;             ///< "ptxas 13.0.88", or "nvPTXCompiler 13.0"
};

struct Assembled {
  std::vector<uint8_t> cubin;
  AssemblerReport report;
};

/// True where this build has NVIDIA's PTX compiler linked in, so that no program has to be found.
bool hasLinkedAssembler();

/// Finds ptxas: `given` if it is not empty, else $CUDA_HOME/bin, /usr/local/cuda/bin, PATH. Empty when there is none; an
/// error when `given` is not an executable file.
Result<std::string> findAssembler(const std::string &given);

/// Assembles PTX for sm_90a: with `ptxas` as a child process in an empty folder that is removed afterwards, or with the
/// linked compiler when `ptxas` is empty and there is one. A run is ended after two minutes.
Result<Assembled> assemble(const std::string &ptxas, const std::string &ptx);

} // namespace attn::emit

#endif // ATTN_EMIT_GPU_H
