// The plans of a plan table, and a sample of all plans, for tools that go through them.
#ifndef ATTN_COMPILER_PLANS_H
#define ATTN_COMPILER_PLANS_H

#include "attn/Analysis/PlanCost.h"
#include "attn/Support/Result.h"

#include <string>
#include <vector>

namespace attn::compiler {

struct TablePlan {
  std::string text; ///< a #tile.plan
  analysis::PlanShape shape;
  bool clusters = false; ///< so it is for kernels of which every query tile visits the same keys

  /// Whether its tiles fit a kernel of these head dimensions and groups.
  bool fits(int64_t headDim, int64_t valueDim, int64_t group) const;
};

/// A sample of the plan space for tests of kernels: tiles from small to large for one to four warpgroups, each with the ways
/// of scheduling that differ in code. Of the CPU: tiles with one head and with several.
std::vector<TablePlan> plansOfSpace(std::string_view target);

/// Every plan of a table once, in its order; of the compiler's own table where the text is empty. InvalidArgument with a
/// sentence where the text is no table.
Result<std::vector<TablePlan>> plansOfTable(const std::string &text);

} // namespace attn::compiler

#endif // ATTN_COMPILER_PLANS_H
