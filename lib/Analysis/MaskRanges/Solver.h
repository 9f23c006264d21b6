// Solves conjunctions of comparisons for the key: eliminates the query over a tile, then bounds the key.
#ifndef ATTN_LIB_ANALYSIS_MASKRANGES_SOLVER_H
#define ATTN_LIB_ANALYSIS_MASKRANGES_SOLVER_H

#include "Formula.h"
#include "attn/Analysis/MaskRanges.h"

namespace attn::analysis {

class Solver {
public:
  Solver(TermTable &terms, int64_t rows) : terms(terms), rows(rows) {}

  /// What is implied, for a key, when some query of the tile satisfies the conjunction with it. Nothing when no pair
  /// does. Terms are over the key, the tile's first query and symbols.
  std::optional<Conjunction> eliminateQuery(const Conjunction &conjunction);
  /// The interval that holds every key satisfying the conjunction.
  KeyInterval boundKey(const Conjunction &conjunction);

private:
  void addCombinations(Conjunction &conjunction);

  TermTable &terms;
  int64_t rows;
};

} // namespace attn::analysis

#endif // ATTN_LIB_ANALYSIS_MASKRANGES_SOLVER_H
