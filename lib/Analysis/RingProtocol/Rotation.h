// That a persistent kernel's programs differ by the names of slots and barriers alone when the counts that are carried from program
// to program differ: a ring's count more puts each tile one slot further.
#ifndef ATTN_ANALYSIS_RINGPROTOCOL_ROTATION_H
#define ATTN_ANALYSIS_RINGPROTOCOL_ROTATION_H

#include "Program.h"

#include "llvm/ADT/STLFunctionalExtras.h"

namespace attn::analysis {

/// The events of a program by bounds and counts; what it yields stays where it is.
using TracesOf = llvm::function_ref<const Traces &(llvm::ArrayRef<int64_t> bounds, llvm::ArrayRef<int64_t> counts)>;

struct Rotation {
  Renaming back;  ///< to the names that a program has where the count is one less
  int64_t period; ///< counts are equal by
};

/// For each count that the producer and the consumers carry. Nothing where programs do not rotate for all of `bounds` and all counts.
std::optional<std::vector<Rotation>> findRotations(const Program &program, llvm::ArrayRef<llvm::SmallVector<int64_t, 2>> bounds,
                                                   TracesOf tracesOf);

} // namespace attn::analysis

#endif // ATTN_ANALYSIS_RINGPROTOCOL_ROTATION_H
