// From stage `stepped` to the LLVM dialect for a CPU. Tiles become memory in a scratch area of each worker thread,
// elementwise chains become loops over vectors, products become register-blocked kernels.
#ifndef ATTN_CONVERSION_TILETOCPU_H
#define ATTN_CONVERSION_TILETOCPU_H

#include "attn/Target/Cpu.h"

#include <memory>

namespace mlir {
class OpPassManager;
class Pass;
} // namespace mlir

namespace mlir::attn {

struct CpuTileOptions {
  ::attn::target::Cpu cpu;
};

/// On func.func: rewrites a kernel over tiles into `(!llvm.ptr, i64, i64, !llvm.ptr)` in scf, arith and vectors. Sets
/// `tile.scratch_bytes`; the other `tile.` attributes stay.
std::unique_ptr<Pass> createConvertTileToCpuPass(const CpuTileOptions &options);

/// Appends everything from stage `stepped` to the LLVM dialect to a pipeline over modules.
void buildCpuPipeline(OpPassManager &pm, const ::attn::target::Cpu &cpu);

/// Registers `convert-tile-to-cpu` for attn-opt, with the option `cpu` (see target::getCpu).
void registerTileToCpuPasses();

} // namespace mlir::attn

#endif // ATTN_CONVERSION_TILETOCPU_H
