// Attention as three plain loops over the keys, twice: in double, and with the roundings of the element type. Rows do
// not depend on one another, so threads share them out; inside a row everything is sequential.
#include "attn/Reference/Attention.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <limits>
#include <thread>

namespace attn::reference {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

/// The keys and values of one head as numbers of type T, unpacked once for many rows.
template <typename T>
std::vector<T> unpack(const Problem &problem, const TensorView &view, int64_t batch, int64_t head) {
  std::vector<T> result;
  int64_t rows = problem.keysOf(batch);
  result.reserve(rows * view.shape[3]);
  for (int64_t s = 0; s < rows; ++s)
    for (int64_t d = 0; d < view.shape[3]; ++d) {
      Row place = problem.kvPlace(batch, head, s);
      result.push_back(static_cast<T>(view.load(place.batch, head, place.query, d)));
    }
  return result;
}

/// The keys that a row may see, in order.
std::vector<int64_t> allowedKeys(const Problem &problem, const Row &row) {
  std::vector<int64_t> keys;
  for (int64_t j = 0; j < problem.keysOf(row.batch); ++j)
    if (allowed(problem, row.batch, row.head, row.query, j))
      keys.push_back(j);
  return keys;
}

/// Rounding to the element type; for the oracle (T = double) there is none.
double rounded(const Problem &, double value) { return value; }
float rounded(const Problem &problem, float value) { return static_cast<float>(roundTo(problem.type, value)); }

/// In double the order of the sum does not matter to anyone, so it may be the one that vector units like.
double dot(const double *a, const double *b, int64_t count) {
#pragma clang fp reassociate(on)
  double sum = 0;
  for (int64_t d = 0; d < count; ++d)
    sum += a[d] * b[d];
  return sum;
}

float dot(const float *a, const float *b, int64_t count) {
  float sum = 0;
  for (int64_t d = 0; d < count; ++d)
    sum += a[d] * b[d];
  return sum;
}

template <typename T>
T scoreOf(const Problem &problem, const Row &row, const T *query, const T *key, int64_t j) {
  T score = rounded(problem, dot(query, key, problem.headDim) * static_cast<T>(problem.scale));
  if (problem.softcap || problem.slope || problem.bias || problem.score)
    score = rounded(problem, static_cast<T>(changedScore(problem, score, row.batch, row.head, row.query, j)));
  return score;
}

/// What dropout makes of a weight.
template <typename T>
T dropped(const Problem &problem, const Row &row, int64_t j, T weight) {
  if (!problem.dropout)
    return weight;
  bool kept = problem.dropout->keeps(row.batch, row.head, row.query, j);
  return kept ? weight / static_cast<T>(1 - problem.dropout->probability) : T(0);
}

/// One row: scores, softmax, weighted sum of values.
template <typename T>
void computeRow(const Problem &problem, const Row &row, const TensorView &queryView, const std::vector<T> &key,
                const std::vector<T> &value, double *out, double *lse) {
  std::vector<T> query;
  Row place = problem.queryPlace(row);
  for (int64_t d = 0; d < problem.headDim; ++d)
    query.push_back(static_cast<T>(queryView.load(place.batch, place.head, place.query, d)));
  std::vector<int64_t> keys = allowedKeys(problem, row);

  std::vector<T> weights;
  T largest = -std::numeric_limits<T>::infinity();
  bool invalid = false;
  for (int64_t j : keys) {
    weights.push_back(scoreOf<T>(problem, row, query.data(), &key[j * problem.headDim], j));
    largest = std::max(largest, weights.back());
    invalid |= std::isnan(weights.back());
  }
  T sink = problem.sink ? static_cast<T>(problem.sink(row.head)) : -std::numeric_limits<T>::infinity();
  largest = std::max(largest, sink);
  std::vector<T> sum(problem.valueDim, T(0));
  double logSum = -infinity;
  // All scores -inf is the same as no key at all.
  if (invalid || largest > -infinity) {
    T total = std::exp(sink - largest);
    for (T &weight : weights)
      total += weight = std::exp(weight - largest);
    logSum = invalid ? std::nan("") : largest + std::log(total);
    for (size_t n = 0; n < keys.size(); ++n) {
      T weight = rounded(problem, dropped<T>(problem, row, keys[n], weights[n] / total));
      const T *valueRow = &value[keys[n] * problem.valueDim];
      for (int64_t d = 0; d < problem.valueDim; ++d)
        sum[d] += weight * valueRow[d];
    }
  }
  for (int64_t d = 0; d < problem.valueDim; ++d)
    out[d] = rounded(problem, sum[d]);
  if (lse)
    *lse = logSum;
}

/// Consecutive rows of one head, the work of a thread at a time.
struct Job {
  size_t first, last;
};

std::vector<Job> makeJobs(const std::vector<Row> &rows) {
  constexpr size_t most = 128;
  std::vector<Job> jobs;
  for (size_t i = 0; i < rows.size(); ++i) {
    bool sameHead = i && rows[i].batch == rows[i - 1].batch && rows[i].head == rows[i - 1].head;
    if (!sameHead || i - jobs.back().first >= most)
      jobs.push_back({i, i});
    jobs.back().last = i + 1;
  }
  return jobs;
}

template <typename T>
void computeRows(const Problem &problem, const TensorView &query, const TensorView &key, const TensorView &value,
                 const std::vector<Row> &rows, double *out, double *lse) {
  std::vector<Job> jobs = makeJobs(rows);
  std::atomic<size_t> next{0};
  auto work = [&] {
    for (size_t n; (n = next++) < jobs.size();) {
      const Row &head = rows[jobs[n].first];
      std::vector<T> keys = unpack<T>(problem, key, head.batch, problem.kvHead(head.head));
      std::vector<T> values = unpack<T>(problem, value, head.batch, problem.kvHead(head.head));
      for (size_t i = jobs[n].first; i < jobs[n].last; ++i)
        computeRow<T>(problem, rows[i], query, keys, values, out + i * problem.valueDim, lse ? lse + i : nullptr);
    }
  };
  std::vector<std::thread> threads;
  size_t count = std::min<size_t>(jobs.size(), std::max(1u, std::thread::hardware_concurrency()));
  for (size_t i = 1; i < count; ++i)
    threads.emplace_back(work);
  work();
  for (std::thread &thread : threads)
    thread.join();
}

} // namespace

void attentionRows(const Problem &problem, const TensorView &query, const TensorView &key, const TensorView &value,
                   const std::vector<Row> &rows, double *out, double *lse) {
  computeRows<double>(problem, query, key, value, rows, out, lse);
}

void unfusedAttentionRows(const Problem &problem, const TensorView &query, const TensorView &key,
                          const TensorView &value, const std::vector<Row> &rows, double *out, double *lse) {
  computeRows<float>(problem, query, key, value, rows, out, lse);
}

void attention(const Problem &problem, const TensorView &query, const TensorView &key, const TensorView &value,
               double *out, double *lse) {
  attentionRows(problem, query, key, value, allRows(problem), out, lse);
}

void unfusedAttention(const Problem &problem, const TensorView &query, const TensorView &key, const TensorView &value,
                      double *out, double *lse) {
  unfusedAttentionRows(problem, query, key, value, allRows(problem), out, lse);
}

} // namespace attn::reference
