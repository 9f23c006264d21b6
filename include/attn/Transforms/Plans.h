// Plan tables: what an entry says, reading a table, and the table that the compiler holds. For the pass, for tests that go
// through the plans, and for tools.
#ifndef ATTN_TRANSFORMS_PLANS_H
#define ATTN_TRANSFORMS_PLANS_H

#include "attn/Analysis/PlanCost.h"
#include "attn/Dialect/Tile/IR/Tile.h"

namespace mlir::attn {

/// What a mask leaves, as far as plans differ for it: all pairs, none behind the diagonal, or a band that ends elsewhere.
enum class PlanMask { All, Causal, Window };

StringRef stringifyPlanMask(PlanMask mask);

/// A kind of kernel, and the plan that was fastest for it.
struct PlanEntry {
  int64_t headDim = 0, valueDim = 0;
  int64_t group = 1;  ///< query heads that share a key/value head
  int64_t length = 0; ///< keys that it was measured with, under a window those of a query; 0: for kernels whose length is not known
  int64_t width = 0;  ///< of a kernel that a plan is looked for, not of an entry: keys of a query under a window, or 0
  PlanMask mask = PlanMask::All;
  Type type;
  tile::PlanAttr plan;
};

/// A plan as the cost model takes it.
::attn::analysis::PlanShape shapeOfPlan(tile::PlanAttr plan);

/// Reads an array of dictionaries, one an entry:
///
///   [{head_dim = 64, value_dim = 64, mask = "causal", type = bf16, group = 4, length = 8192, plan = #tile.plan<...>}]
///
/// `group` and `length` may be left out. Of two entries with the same fields the first counts; where its plan has a `sum_column`, the
/// second is for kernels that store a log-sum-exp, which have none. Comments may stand anywhere. Errors are reported on the context,
/// at their line of the file `name`.
FailureOr<SmallVector<PlanEntry>> parsePlanTable(StringRef text, MLIRContext *context, StringRef name = "plan-table");

/// The text of lib/Transforms/Plans/hopper.mlir.
StringRef getBuiltInPlanTable();

} // namespace mlir::attn

#endif // ATTN_TRANSFORMS_PLANS_H
