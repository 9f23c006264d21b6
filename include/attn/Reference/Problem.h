// What attention is computed: sizes, which pairs of query and key are allowed, how scores are changed. The oracle's own
// statement of the meaning of attn.attention, written without looking at the compiler.
#ifndef ATTN_REFERENCE_PROBLEM_H
#define ATTN_REFERENCE_PROBLEM_H

#include "attn/Reference/Philox.h"
#include "attn/Reference/Tensor.h"

#include <functional>
#include <optional>
#include <vector>

namespace attn::reference {

enum class CausalityKind { None, TopLeft, BottomRight };

const char *kindName(CausalityKind kind); ///< as the spec language writes it

struct Causality {
  CausalityKind kind = CausalityKind::None;
  std::optional<int64_t> left, right; ///< window beside the diagonal, inclusive
};

struct Row;

/// All sizes may be 0, except head counts and head dimensions. queryHeads is a multiple of kvHeads.
struct Problem {
  int64_t batch = 1, queryHeads = 1, kvHeads = 1;
  int64_t queryLength = 1, kvLength = 1;
  int64_t headDim = 16;  ///< of query and key
  int64_t valueDim = 16; ///< of value and output
  Causality causality;
  double scale = 1;
  ElementType type = ElementType::F32; ///< of query, key, value and output
  /// Clauses that change a scaled score x, in this order: softcap * tanh(x / softcap); x - slope(h) * |i + d - j|; x +
  /// bias(b, h, i, j). d is that of causality.
  std::optional<double> softcap;
  std::function<double(int64_t)> slope;
  std::function<double(int64_t, int64_t, int64_t, int64_t)> bias;
  /// Clauses that decide on pairs: keys below prefix(b) are allowed whatever causality says; query and key must lie in one
  /// chunk of that many positions, and in one document(b, position), the query being at position i + d.
  std::function<int64_t(int64_t)> prefix;
  std::optional<int64_t> chunk;
  std::function<int64_t(int64_t, int64_t)> document;
  /// One more score of a query head, which counts in the sum of exponentials and has no value.
  std::function<double(int64_t)> sink;
  /// Changes a score after the clauses. Takes the score, batch, query head, query, key. Applied before the masks.
  std::function<double(double, int64_t, int64_t, int64_t, int64_t)> score;
  /// True where batch, query head, query, key is allowed, besides causality and the clauses.
  std::function<bool(int64_t, int64_t, int64_t, int64_t)> mask;
  bool maskReadsHead = false; ///< so that heads may differ in what they allow
  /// Queries and keys of each batch, as a launch gives them; the rest is padding. Empty: no padding.
  std::vector<int64_t> queryLengths, kvLengths;
  /// Where the packed sequences of queries or keys begin, and one more, where the last ends; they rise. `batch` then counts
  /// sequences, the tensors have one batch, and `queryLength` or `kvLength` is that of the tensor. Empty: not packed.
  std::vector<int64_t> queryOffsets, kvOffsets;
  std::optional<Dropout> dropout; ///< of the weights after the softmax; the log-sum-exp does not see it

  /// Batches of the tensors.
  int64_t queryBatches() const { return queryOffsets.empty() ? batch : 1; }
  int64_t kvBatches() const { return kvOffsets.empty() ? batch : 1; }
  /// Rows of a batch or sequence, padding included.
  int64_t queryRowsOf(int64_t batch) const;
  int64_t kvRowsOf(int64_t batch) const;
  /// Where queries and keys lie: batch and row of the tensors.
  Row queryPlace(const Row &row) const;
  Row kvPlace(int64_t batch, int64_t head, int64_t key) const;
  /// The lengths of a batch, within its rows.
  int64_t queriesOf(int64_t batch) const;
  int64_t keysOf(int64_t batch) const;
  int64_t kvHead(int64_t queryHead) const { return queryHead / (queryHeads / kvHeads); }
};

/// 1/sqrt(headDim).
double defaultScale(int64_t headDim);

/// Whether lengths, causality and window allow key j for query i.
bool allowed(const Problem &problem, int64_t batch, int64_t i, int64_t j);
/// Whether everything does: lengths, causality, clauses, mask.
bool allowed(const Problem &problem, int64_t b, int64_t h, int64_t i, int64_t j);
/// What clauses and region make of a scaled score.
double changedScore(const Problem &problem, double score, int64_t b, int64_t h, int64_t i, int64_t j);

/// One query of one head.
struct Row {
  int64_t batch, head, query;
};

/// All rows of a problem in the order of dense memory: batch, head, query.
std::vector<Row> allRows(const Problem &problem);

/// All rows if the oracle computes them with at most maxWork multiply-adds, else as many as that allows, at least one:
/// random ones, the first and the last always among them where there is room. In the order of allRows.
std::vector<Row> sampleRows(const Problem &problem, int64_t maxWork, uint64_t seed);

} // namespace attn::reference

#endif // ATTN_REFERENCE_PROBLEM_H
