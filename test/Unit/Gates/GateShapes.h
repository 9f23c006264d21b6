// The kernels that the gate compiles: a covering set over everything that changes a GPU kernel's code.
#ifndef ATTN_TEST_UNIT_GATES_GATESHAPES_H
#define ATTN_TEST_UNIT_GATES_GATESHAPES_H

#include <cstdint>
#include <string>
#include <vector>

namespace attn::gates {

/// What one kernel computes and how.
struct Shape {
  int64_t headDim = 64, valueDim = 64;
  std::string element = "bf16";
  std::string causality; ///< what stands between the brackets of #attn.causality, or empty
  int64_t queryHeads = 8, kvHeads = 8;
  bool lse = false;
  std::string ragged; ///< clauses lengths() and packed() with the names %lq, %lk, %cq and %ck
  bool documents = false; ///< a mask of sorted document numbers, which takes searches
  bool blocks = false;    ///< a mask by lists of blocks and numbers in no order, which takes a table
  bool capped = false;    ///< a softcap, whose scores need no maximum
  std::string dropout; ///< what stands between the brackets of dropout(), or empty; "%seed" in it is an argument
  std::string plan; ///< a #tile.plan attribute, or empty to let the compiler choose

  /// A module with the function @attention.
  std::string text() const;
  /// A short unique name, such as "128/128 bf16 top_left 8:2 lse".
  std::string name() const;
};

/// The text of a plan for sm_90a.
std::string planText(int64_t warpgroups, int64_t kvTile, int64_t stages, bool overlap, bool pingPong,
                     bool persistent = false, int64_t residency = 1);

/// Every head_dim with several masks and both types, unequal head_dims, and plans written by hand.
std::vector<Shape> coveringShapes();

/// A kernel of each entry of the compiler's plan table, with the entry's plan, and the everyday kinds with the plans that
/// they get.
std::vector<Shape> tableShapes();

/// Every pair of head_dims, each with one hand of the other choices: 961 kernels, a few minutes.
std::vector<Shape> allPairs();

} // namespace attn::gates

#endif // ATTN_TEST_UNIT_GATES_GATESHAPES_H
