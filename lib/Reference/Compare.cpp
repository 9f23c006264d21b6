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
static Comparison compareAll(const int64_t shape[4], const double *expected, Load load) {
  Comparison result;
  double squares = 0;
  int64_t count = 0;
  for (int64_t b = 0; b < shape[0]; ++b)
    for (int64_t h = 0; h < shape[1]; ++h)
      for (int64_t s = 0; s < shape[2]; ++s)
        for (int64_t d = 0; d < shape[3]; ++d, ++count) {
          double want = expected[count], have = load(b, h, s, d, count);
          double error = errorOf(have, want);
          squares += error * error;
          if (std::isfinite(want))
            result.largestExpected = std::max(result.largestExpected, std::fabs(want));
          if (count != 0 && error <= result.maxError)
            continue;
          result.maxError = error;
          result.expected = want;
          result.found = have;
          int64_t index[4] = {b, h, s, d};
          std::copy(index, index + 4, result.index);
        }
  result.rmsError = count ? std::sqrt(squares / static_cast<double>(count)) : 0;
  return result;
}

Comparison compare(const TensorView &found, const double *expected) {
  return compareAll(found.shape, expected, [&](int64_t b, int64_t h, int64_t s, int64_t d, int64_t) {
    return found.load(b, h, s, d);
  });
}

Comparison compare(const double *found, const int64_t shape[4], const double *expected) {
  return compareAll(shape, expected, [&](int64_t, int64_t, int64_t, int64_t, int64_t n) { return found[n]; });
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
