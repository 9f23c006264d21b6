// What score and mask regions may hold, for the passes that check and expand them.
#ifndef ATTN_LIB_TRANSFORMS_REGIONLANGUAGE_H
#define ATTN_LIB_TRANSFORMS_REGIONLANGUAGE_H

#include "attn/Dialect/Attn/IR/Attn.h"

namespace mlir::attn {

/// Checks that every target can compute the regions of an attention and hold its captured buffers; reports at the
/// operation that it cannot.
LogicalResult verifyRegionLanguage(AttentionOp attention);

} // namespace mlir::attn

#endif // ATTN_LIB_TRANSFORMS_REGIONLANGUAGE_H
