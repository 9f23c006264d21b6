// Which plan a kernel for a GPU gets when nobody gave one: the nearest entry of the user's table or of our own, else the cost
// model's choice.
#ifndef ATTN_TRANSFORMS_PLANCHOICE_H
#define ATTN_TRANSFORMS_PLANCHOICE_H

#include "PlanTable.h"

namespace mlir::attn {

struct PlanChoice {
  tile::PlanAttr plan;
  std::string reason; ///< where it is from and what came second, for the remark
};

/// Keys of a tile, as long as regions and dropout leave registers for them: larger tiles have been no faster.
inline constexpr int64_t largestKeys = 128;

/// Whether the accumulators are small: a head_dim and a value_dim of at most 64.
bool isNarrow(AttentionOp op);

/// Whether scores are as they are multiplied, or made of those alone, as under a softcap: nothing is held for positions and buffers, and
/// blocks of keys may come in any order.
bool hasPlainScores(AttentionOp op);

/// Whether sequences are shorter than the tensors that hold them: packed, or with a length for each batch.
bool hasSequences(AttentionOp op);

/// The most keys of a tile that a thread's registers hold beside its output, under overlap.
int64_t keysByRegisters(AttentionOp op, int64_t warpgroups, int64_t residency = 1);

/// The most keys of a tile that fit a thread's registers and a block's shared memory under overlap, and at most `most`.
int64_t largestKvTile(AttentionOp op, int64_t warpgroups, int64_t stages, int64_t most, int64_t residency = 1);

/// The batch to plan for: where the spec leaves it open, one that fills the machine.
int64_t batchOf(AttentionOp op, int64_t length);

/// What a user says of plans.
struct PlanSources {
  StringRef userTable;    ///< text, or empty
  int64_t lengthHint = 0; ///< keys where their extent is dynamic; 0: not known
};

/// `usual` is the plan that tile sizes alone suggest; the cost model starts from it, and keeps to key/value tiles of at most
/// `mostKeys`. `shared`, where it is given, comes behind a user's table and before our own, whose launches fill the machine. Fails
/// where a table does not parse.
FailureOr<PlanChoice> choosePlan(AttentionOp op, tile::PlanAttr usual, int64_t mostKeys, const std::optional<PlanChoice> &shared,
                                 const PlanSources &sources);

} // namespace mlir::attn

#endif // ATTN_TRANSFORMS_PLANCHOICE_H
