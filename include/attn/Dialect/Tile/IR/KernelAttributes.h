// Names of the discardable attributes by which passes tell each other facts about a kernel function.
#ifndef ATTN_DIALECT_TILE_IR_KERNELATTRIBUTES_H
#define ATTN_DIALECT_TILE_IR_KERNELATTRIBUTES_H

#include "llvm/ADT/StringRef.h"

namespace mlir::tile {

/// #tile.plan: how the kernel is tiled and scheduled. Set by attn-choose-plan.
constexpr llvm::StringLiteral kPlanAttr = "tile.plan";
/// Array of strings, one for each argument: "query", "key", "value", "capture", "query_lengths",
/// "kv_lengths", "query_offsets", "kv_offsets", "output", "lse". Set by attn-tile-attention.
constexpr llvm::StringLiteral kRolesAttr = "tile.roles";
/// Array of i64 arrays, one for each argument: its extents in the spec, kDynamic where any will do. Set by
/// attn-tile-attention; the launch checks them.
constexpr llvm::StringLiteral kShapesAttr = "tile.shapes";
/// i64: query heads for each key/value head. Set by attn-tile-attention.
constexpr llvm::StringLiteral kHeadsPerGroupAttr = "tile.heads_per_group";
/// Unit: start with the last query tiles, which have the most work under a causal mask. Set by tile-split-ranges.
constexpr llvm::StringLiteral kHeavyFirstAttr = "tile.heavy_first";
/// Unit: start with the first query tile of every head, which has all keys where its tokens are global ones; then come the
/// tiles of each head, the last first. For kernels in which a program is a block. Set by tile-split-ranges.
constexpr llvm::StringLiteral kGlobalFirstAttr = "tile.global_first";
/// Unit: behind the first query tile, blocks go through all heads with one query tile before they take the one before it, so that
/// at the end, where some multiprocessors wait for others, no head begins. For programs of few keys, which all heads' caches
/// hold beside each other. Set by tile-split-ranges.
constexpr llvm::StringLiteral kHeadsTogetherAttr = "tile.heads_together";
/// i64: bytes of shared memory of one block. Set by tile-place-shared.
constexpr llvm::StringLiteral kSharedBytesAttr = "tile.shared_bytes";
/// Array of i32, two for each argument: rows and columns of the box of its tensor map, 0 and 0 for none. Set by
/// convert-tile-to-nvvm.
constexpr llvm::StringLiteral kBoxesAttr = "tile.boxes";
/// i64: threads of one block. Set by convert-tile-to-nvvm.
constexpr llvm::StringLiteral kBlockThreadsAttr = "tile.block_threads";
/// Unit: the kernel waits for the launches before it by itself, so that it may be started while they end. Set by
/// convert-tile-to-nvvm.
constexpr llvm::StringLiteral kStartsEarlyAttr = "tile.starts_early";
/// i64: bytes of scratch memory of one worker. Set by convert-tile-to-cpu.
constexpr llvm::StringLiteral kScratchBytesAttr = "tile.scratch_bytes";

} // namespace mlir::tile

#endif // ATTN_DIALECT_TILE_IR_KERNELATTRIBUTES_H
