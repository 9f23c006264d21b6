// Score and mask regions as functions that the oracle can call.
#ifndef ATTN_LIB_COMPILER_REGIONPROGRAM_H
#define ATTN_LIB_COMPILER_REGIONPROGRAM_H

#include "attn/Compiler/Describe.h"

#include "mlir/IR/Region.h"

namespace attn::compiler {

/// The score region as a function, or nothing where it holds an operation that no target computes either.
ScoreFunction scoreFunctionOf(mlir::Region &region);
/// The mask region likewise.
MaskFunction maskFunctionOf(mlir::Region &region);

} // namespace attn::compiler

#endif // ATTN_LIB_COMPILER_REGIONPROGRAM_H
