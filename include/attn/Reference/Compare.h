// How far a result is from the oracle, where it is worst, and whether that is good enough.
#ifndef ATTN_REFERENCE_COMPARE_H
#define ATTN_REFERENCE_COMPARE_H

#include "attn/Reference/Problem.h"

#include <string>

namespace attn::reference {

/// Equal infinities and NaN against NaN count as no error; any other pair with a NaN or an infinity as an infinite one.
struct Comparison {
  double maxError = 0;
  double rmsError = 0;
  double largestExpected = 0;          ///< largest finite magnitude of the expected values
  int64_t index[4] = {-1, -1, -1, -1}; ///< batch, head, row, column of the worst element; -1 when there are none
  double expected = 0, found = 0;      ///< there

  /// "[0, 1, 17, 3]: expected 0.25, found nan"
  std::string worst() const;
};

/// Compares every element with a dense array of the view's shape.
Comparison compare(const TensorView &found, const double *expected);
/// Compares some rows with a dense array [rows.size(), columns].
Comparison compareRows(const TensorView &found, const std::vector<Row> &rows, const double *expected);
/// The same with the found values in a dense array too.
Comparison compareRows(const double *found, int64_t columns, const std::vector<Row> &rows, const double *expected);

/// Largest error of ours over largest error of unfused attention, both against the oracle. Where unfused attention
/// happens to be (nearly) exact the quotient would say nothing, so the divisor is at least `roundings` times the error of
/// one rounding to the type at the magnitude of the data. One rounding is right for an output that is rounded from f32 to the
/// problem's type; an output in f32 has rounded weights besides (`outputRoundings`), and a log-sum-exp in f32 is the end of
/// a chain of f32 operations, and deserves `lseRoundings`.
constexpr double lseRoundings = 8;
constexpr double outputRoundings(ElementType type) { return type == ElementType::F32 ? 2 : 1; }
double errorRatio(const Comparison &ours, const Comparison &unfused, ElementType type, double roundings = 1);

} // namespace attn::reference

#endif // ATTN_REFERENCE_COMPARE_H
