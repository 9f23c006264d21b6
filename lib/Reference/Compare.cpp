// Comparison with the oracle.
#include "attn/Reference/Compare.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace attn::reference {

static double errorOf(double found, double expected) {
  if (found == expected || (std::isnan(found) && std::isnan(expected)))
    return 0;
  double error = std::fabs(found - expected);
  return std::isfinite(error) ? error : INFINITY;
}

template <typename Load>
static Comparison compareAll(const std::vector<Row> &rows, int64_t columns, const double *expected, Load load) {
  Comparison result;
  double squares = 0;
  for (size_t n = 0; n < rows.size(); ++n)
    for (int64_t d = 0; d < columns; ++d) {
      double want = expected[n * columns + d], have = load(n, d), error = errorOf(have, want);
      squares += error * error;
      if (std::isfinite(want))
        result.largestExpected = std::max(result.largestExpected, std::fabs(want));
      bool first = n == 0 && d == 0;
      if (!first && error <= result.maxError)
        continue;
      result.maxError = error;
      result.expected = want;
      result.found = have;
      int64_t index[4] = {rows[n].batch, rows[n].head, rows[n].query, d};
      std::copy(index, index + 4, result.index);
    }
  double count = static_cast<double>(rows.size()) * static_cast<double>(columns);
  result.rmsError = count > 0 ? std::sqrt(squares / count) : 0;
  return result;
}

Comparison compareRows(const TensorView &found, const std::vector<Row> &rows, const double *expected) {
  return compareAll(rows, found.shape[3], expected, [&](size_t n, int64_t d) {
    return found.load(rows[n].batch, rows[n].head, rows[n].query, d);
  });
}

Comparison compareRows(const double *found, int64_t columns, const std::vector<Row> &rows, const double *expected) {
  return compareAll(rows, columns, expected, [&](size_t n, int64_t d) { return found[n * columns + d]; });
}

Comparison compare(const TensorView &found, const double *expected) {
  Problem shape;
  shape.batch = found.shape[0];
  shape.queryHeads = found.shape[1];
  shape.queryLength = found.shape[2];
  return compareRows(found, allRows(shape), expected);
}

std::string Comparison::worst() const {
  if (index[0] < 0)
    return "no elements";
  char text[200];
  std::snprintf(text, sizeof text, "[%lld, %lld, %lld, %lld]: expected %.9g, found %.9g",
                static_cast<long long>(index[0]), static_cast<long long>(index[1]), static_cast<long long>(index[2]),
                static_cast<long long>(index[3]), expected, found);
  return text;
}

double errorRatio(const Comparison &ours, const Comparison &unfused, ElementType type, double roundings) {
  if (ours.maxError == 0)
    return 0;
  double rounding = std::max(unitRoundoff(type) * ours.largestExpected, smallestStep(type) / 2);
  double yardstick = std::isfinite(unfused.maxError) ? unfused.maxError : 0;
  return ours.maxError / std::max(yardstick, roundings * rounding);
}

} // namespace attn::reference
