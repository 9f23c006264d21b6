// How the lanes of a warp search a sorted list together: one step's arithmetic, over values of any kind. The lowering to a GPU
// emits it as operations, a test evaluates it on integers.
#ifndef ATTN_ANALYSIS_WARPSEARCH_H
#define ATTN_ANALYSIS_WARPSEARCH_H

#include <cstdint>

namespace attn::analysis {

/// The answer is one of [low, high]: the first place of a number that is not below the one looked for, or `high`. These are
/// high - low + 1 answers, cut into 32 parts of one size. Lane i looks at the last answer of part i: where it is a place of
/// [low, high) and its number is below, the answer lies in a later part. As many parts are passed over as there are such lanes.
///
/// A range of n places is found in ceil(log32(n + 1)) steps. Where numbers fall, the parts passed over are as many as lanes
/// say so: never beyond `high`, since lanes at or behind it say nothing. A range that is closed (low >= high) stays as it is.
///
/// `Arithmetic` has a type Value of 32 bits and add(Value, Value), add(Value, int64_t), sub(Value, Value), mul(Value, Value),
/// shiftRight(Value, int64_t), which keeps the sign, and min(Value, Value). For 0 <= low and high < 2^30 nothing overflows.
template <typename Arithmetic> class WarpSearch {
public:
  using Value = typename Arithmetic::Value;
  struct Range {
    Value low, high;
  };

  WarpSearch(Arithmetic &arithmetic, Range range)
      : a(arithmetic), range(range), size(a.add(a.shiftRight(a.sub(range.high, range.low), 5), 1)) {}

  Value placeOf(Value lane) { return a.add(a.add(range.low, a.mul(a.add(lane, 1), size)), -1); }

  /// The range after the step, in which `passed` lanes found a number below.
  Range next(Value passed) {
    Value low = a.add(range.low, a.mul(passed, size));
    return {low, a.min(range.high, a.add(a.add(low, size), -1))};
  }

private:
  Arithmetic &a;
  Range range;
  Value size; ///< answers of a part: so many that the last part holds `high` and its lane is never below it
};

} // namespace attn::analysis

#endif // ATTN_ANALYSIS_WARPSEARCH_H
