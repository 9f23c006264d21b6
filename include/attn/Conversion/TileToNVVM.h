// From tiles with layouts, roles and barriers to one GPU kernel in the LLVM and NVVM dialects.
#ifndef ATTN_CONVERSION_TILETONVVM_H
#define ATTN_CONVERSION_TILETONVVM_H

#include <memory>

namespace mlir {
class OpPassManager;
class Pass;
} // namespace mlir

namespace mlir::attn {

/// convert-tile-to-nvvm: every kernel function at stage `checked` becomes an llvm.func in a gpu.module named @kernels.
///
/// The kernel takes one tensor map (128 bytes) for each argument that a tile.copy reads, in argument order, then the
/// argument block: for each tensor its address, its sizes and its strides in elements, as 64-bit words. Program
/// (batch, head, query tile) is block (z, y, x). The func.func stays, without a body, as the record of the launch facts:
/// tile.boxes (rows and columns of each argument's tensor map, 0 for none), tile.block_threads, tile.shared_bytes.
std::unique_ptr<Pass> createConvertTileToNVVMPass();

/// Appends the steps from stage `checked` to `lowered`: gpu.module with llvm and nvvm only.
void buildNvvmPipeline(OpPassManager &pm);

/// Registers convert-tile-to-nvvm.
void registerTileToNVVMPasses();

} // namespace mlir::attn

#endif // ATTN_CONVERSION_TILETONVVM_H
