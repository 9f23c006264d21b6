// The arithmetic of BandRanges and MaskRangesOf on integers, where a pass emits operations.
#ifndef ATTN_ANALYSIS_INTEGERARITHMETIC_H
#define ATTN_ANALYSIS_INTEGERARITHMETIC_H

#include "llvm/Support/MathExtras.h"

#include <algorithm>
#include <cstdint>

namespace attn::analysis {

/// What symbols, elements and searches are (attn/Analysis/MaskRanges.h) a derived type says, where there are any.
struct IntegerArithmetic {
  using Value = int64_t;

  int64_t constant(int64_t value) { return value; }
  int64_t add(int64_t left, int64_t right) { return left + right; }
  int64_t sub(int64_t left, int64_t right) { return left - right; }
  int64_t max(int64_t left, int64_t right) { return std::max(left, right); }
  int64_t min(int64_t left, int64_t right) { return std::min(left, right); }
  int64_t multiply(int64_t value, int64_t by) { return value * by; }
  int64_t divide(int64_t value, int64_t by) { return value / by; }
  int64_t floorDivide(int64_t value, int64_t by) { return llvm::divideFloorSigned(value, by); }
  int64_t selectGreater(int64_t left, int64_t right, int64_t yes, int64_t no) { return left > right ? yes : no; }
  int64_t selectAtMost(int64_t left, int64_t right, int64_t yes, int64_t no) { return left <= right ? yes : no; }
};

} // namespace attn::analysis

#endif // ATTN_ANALYSIS_INTEGERARITHMETIC_H
