// Whether two roles compute one value. In a persistent kernel each role works out for itself how many blocks a program has;
// the proof may count on one number only if both do it in the same way.
#ifndef ATTN_ANALYSIS_RINGPROTOCOL_SAMEVALUE_H
#define ATTN_ANALYSIS_RINGPROTOCOL_SAMEVALUE_H

#include "ProgramLoop.h"

namespace attn::analysis {

/// Whether `a` and `b` are equal in the same iteration of `loops`, which run over the same numbers: the same pure operations
/// on the same values, on the loops' counters, or on values carried around the loops that begin and go on alike.
bool computeSameValue(mlir::Value a, mlir::Value b, llvm::ArrayRef<ProgramLoop> loops);

} // namespace attn::analysis

#endif // ATTN_ANALYSIS_RINGPROTOCOL_SAMEVALUE_H
