// Finding the entry of a plan table that is nearest to a kernel.
#ifndef ATTN_TRANSFORMS_PLANTABLE_H
#define ATTN_TRANSFORMS_PLANTABLE_H

#include "attn/Dialect/Attn/IR/Attn.h"
#include "attn/Transforms/Plans.h"

namespace mlir::attn {

/// The entry that an attention would have, without a plan. Its length is that of the keys where it is static, else the hint.
PlanEntry keyOf(AttentionOp op, int64_t lengthHint);

/// Entries that suit a key, the nearest first: head dimensions of the same number of 64-column chunks and no smaller, the
/// same mask (or causal for a window), and of those the fewest columns too many, then the same type, then the nearest
/// group, then the nearest length by ratio. Of equally near ones the first comes first.
SmallVector<PlanEntry> findEntries(ArrayRef<PlanEntry> table, const PlanEntry &key);

} // namespace mlir::attn

#endif // ATTN_TRANSFORMS_PLANTABLE_H
