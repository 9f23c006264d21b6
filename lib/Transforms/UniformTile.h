// Tiles that hold one number.
#ifndef ATTN_LIB_TRANSFORMS_UNIFORMTILE_H
#define ATTN_LIB_TRANSFORMS_UNIFORMTILE_H

#include "mlir/IR/Value.h"

namespace mlir::attn {

/// Whether a number is the same for the whole tile, as a slope of a head is.
bool isUniform(Value tile);

} // namespace mlir::attn

#endif // ATTN_LIB_TRANSFORMS_UNIFORMTILE_H
