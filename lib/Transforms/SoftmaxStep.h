// One online-softmax step as arithmetic on tiles.
#ifndef ATTN_LIB_TRANSFORMS_SOFTMAXSTEP_H
#define ATTN_LIB_TRANSFORMS_SOFTMAXSTEP_H

#include "TileBuilder.h"

namespace mlir::attn {

/// What the weights of all rows are relative to.
enum class Reference { RowMaximum, Zero };

/// The negated reference in units of the exponent. A row without an allowed key so far has a maximum of -inf; 0 as its
/// reference makes its weights 0 and not NaN.
Value negateReference(TileBuilder &t, Value rowMax, float unit);

/// Replaces a step. `threshold`: powers of two by which a score may pass its row's reference, or 0.
void expandStep(tile::SoftmaxStepOp op, int64_t threshold, Reference reference);

} // namespace mlir::attn

#endif // ATTN_LIB_TRANSFORMS_SOFTMAXSTEP_H
