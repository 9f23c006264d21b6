// Which plan a kernel for a GPU gets when nobody gave one: the nearest entry of a table, else the cost model's choice.
#ifndef ATTN_TRANSFORMS_PLANCHOICE_H
#define ATTN_TRANSFORMS_PLANCHOICE_H

#include "PlanTable.h"

namespace mlir::attn {

struct PlanChoice {
  tile::PlanAttr plan;
  std::string reason; ///< where it is from and what came second, for the remark
};

/// `usual` is the plan that tile sizes alone suggest; the cost model starts from it. Fails where the table does not parse.
FailureOr<PlanChoice> choosePlan(AttentionOp op, tile::PlanAttr usual);

} // namespace mlir::attn

#endif // ATTN_TRANSFORMS_PLANCHOICE_H
