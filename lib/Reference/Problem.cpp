// Which pairs of query and key are allowed, and lists of rows.
#include "attn/Reference/Problem.h"

#include "attn/Reference/Random.h"

#include <algorithm>
#include <cmath>
#include <set>

namespace attn::reference {

const char *kindName(CausalityKind kind) {
  return kind == CausalityKind::None ? "none" : kind == CausalityKind::TopLeft ? "top_left" : "bottom_right";
}

double defaultScale(int64_t headDim) { return 1.0 / std::sqrt(static_cast<double>(headDim)); }

static int64_t lengthOf(const std::vector<int64_t> &lengths, int64_t batch, int64_t extent) {
  return lengths.empty() ? extent : std::clamp<int64_t>(lengths[static_cast<size_t>(batch)], 0, extent);
}

static int64_t rowsOf(const std::vector<int64_t> &offsets, int64_t batch, int64_t extent) {
  auto b = static_cast<size_t>(batch);
  return offsets.empty() ? extent : offsets[b + 1] - offsets[b];
}

static Row placeOf(const std::vector<int64_t> &offsets, const Row &row) {
  return offsets.empty() ? row : Row{0, row.head, offsets[static_cast<size_t>(row.batch)] + row.query};
}

int64_t Problem::queryRowsOf(int64_t batch) const { return rowsOf(queryOffsets, batch, queryLength); }
int64_t Problem::kvRowsOf(int64_t batch) const { return rowsOf(kvOffsets, batch, kvLength); }
Row Problem::queryPlace(const Row &row) const { return placeOf(queryOffsets, row); }
Row Problem::kvPlace(int64_t batch, int64_t head, int64_t key) const { return placeOf(kvOffsets, {batch, head, key}); }
int64_t Problem::queriesOf(int64_t batch) const { return lengthOf(queryLengths, batch, queryRowsOf(batch)); }
int64_t Problem::keysOf(int64_t batch) const { return lengthOf(kvLengths, batch, kvRowsOf(batch)); }

/// The d of causality: query i stands beside key i + d.
static int64_t diagonal(const Problem &problem, int64_t batch) {
  bool fromEnd = problem.causality.kind != CausalityKind::TopLeft;
  return fromEnd ? problem.keysOf(batch) - problem.queriesOf(batch) : 0;
}

/// Whether both are in front of the padding.
static bool exist(const Problem &problem, int64_t batch, int64_t i, int64_t j) {
  return i < problem.queriesOf(batch) && j < problem.keysOf(batch);
}

bool allowed(const Problem &problem, int64_t batch, int64_t i, int64_t j) {
  const Causality &causality = problem.causality;
  int64_t d = diagonal(problem, batch);
  return exist(problem, batch, i, j) && (causality.kind == CausalityKind::None || j <= i + d) &&
         (!causality.left || j >= i + d - *causality.left) &&
         (!causality.right || j <= i + d + *causality.right);
}

bool allowed(const Problem &problem, int64_t b, int64_t h, int64_t i, int64_t j) {
  bool inPrefix = problem.prefix && j < problem.prefix(b) && exist(problem, b, i, j);
  if (!inPrefix && !allowed(problem, b, i, j))
    return false;
  int64_t position = i + diagonal(problem, b);
  auto chunkOf = [&](int64_t at) { return std::floor(static_cast<double>(at) / static_cast<double>(*problem.chunk)); };
  if (problem.chunk && chunkOf(position) != chunkOf(j))
    return false;
  bool beside = position >= 0 && position < problem.keysOf(b);
  if (problem.document && (!beside || problem.document(b, position) != problem.document(b, j)))
    return false;
  return !problem.mask || problem.mask(b, h, i, j);
}

double changedScore(const Problem &problem, double score, int64_t b, int64_t h, int64_t i, int64_t j) {
  if (problem.softcap)
    score = *problem.softcap * std::tanh(score / *problem.softcap);
  if (problem.slope)
    score -= problem.slope(h) * std::fabs(static_cast<double>(i + diagonal(problem, b) - j));
  if (problem.bias)
    score += problem.bias(b, h, i, j);
  return problem.score ? problem.score(score, b, h, i, j) : score;
}

std::vector<Row> allRows(const Problem &problem) {
  std::vector<Row> rows;
  for (int64_t b = 0; b < problem.batch; ++b)
    for (int64_t h = 0; h < problem.queryHeads; ++h)
      for (int64_t i = 0; i < problem.queryRowsOf(b); ++i)
        rows.push_back({b, h, i});
  return rows;
}

std::vector<Row> sampleRows(const Problem &problem, int64_t maxWork, uint64_t seed) {
  std::vector<Row> packed = problem.queryOffsets.empty() ? std::vector<Row>() : allRows(problem);
  int64_t total = problem.queryOffsets.empty() ? problem.batch * problem.queryHeads * problem.queryLength
                                               : static_cast<int64_t>(packed.size());
  int64_t work = std::max<int64_t>(1, problem.kvLength) * (problem.headDim + problem.valueDim);
  int64_t count = std::max<int64_t>(1, maxWork / work);
  if (count >= total)
    return allRows(problem);
  Random random(seed);
  std::set<int64_t> chosen = {total - 1};
  if (count > 1)
    chosen.insert(0);
  while (static_cast<int64_t>(chosen.size()) < count)
    chosen.insert(random.below(total));
  std::vector<Row> rows;
  for (int64_t at : chosen) {
    if (!packed.empty()) {
      rows.push_back(packed[static_cast<size_t>(at)]);
      continue;
    }
    int64_t head = at / problem.queryLength;
    rows.push_back({head / problem.queryHeads, head % problem.queryHeads, at % problem.queryLength});
  }
  return rows;
}

} // namespace attn::reference
