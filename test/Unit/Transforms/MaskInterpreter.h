// Runs the index arithmetic and the masks of a kernel at stage `stepped` and records which pairs of query and key reach
// the softmax. Scores themselves are not computed: a tile of scores is the set of its elements that are not masked.
#ifndef ATTN_TEST_UNIT_TRANSFORMS_MASKINTERPRETER_H
#define ATTN_TEST_UNIT_TRANSFORMS_MASKINTERPRETER_H

#include "mlir/Dialect/Func/IR/FuncOps.h"

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace attn::test {

/// What one run of a kernel visits, for batch 0 and head 0.
struct Visited {
  std::set<std::pair<int64_t, int64_t>> allowed; ///< (query, key) pairs that keep their score
  int64_t blocks = 0;                            ///< key blocks visited, over all query tiles
  int64_t maskedBlocks = 0;                      ///< of those, blocks that ran mask work
  int64_t emptyBlocks = 0;                       ///< of those, blocks without one allowed pair inside the lengths
  std::string unknown;                           ///< first operation the interpreter does not know, if any
};

/// Interprets `func` for one batch, one head and the given lengths.
Visited interpretMasks(mlir::func::FuncOp func, int64_t queryLength, int64_t kvLength);

} // namespace attn::test

#endif // ATTN_TEST_UNIT_TRANSFORMS_MASKINTERPRETER_H
