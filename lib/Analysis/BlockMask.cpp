// The ranges of BlockMask.h on integers.
#include "attn/Analysis/BlockMask.h"

#include <limits>

using namespace attn::analysis;

namespace {
struct Integers {
  using Value = int64_t;
  int64_t constant(int64_t value) { return value; }
  int64_t add(int64_t left, int64_t right) { return left + right; }
  int64_t sub(int64_t left, int64_t right) { return left - right; }
  int64_t min(int64_t left, int64_t right) { return std::min(left, right); }
  int64_t max(int64_t left, int64_t right) { return std::max(left, right); }
  int64_t divide(int64_t value, int64_t by) { return value / by; }
  int64_t selectGreater(int64_t a, int64_t b, int64_t yes, int64_t no) { return a > b ? yes : no; }
};
} // namespace

BlockMask::Range BlockMask::visited(int64_t query) const {
  Integers integers;
  auto range = BandRanges<Integers>(integers, band, query, diagonal, keys).visited();
  return {range.first, range.count};
}

BlockMask::Kind BlockMask::classify(int64_t query, int64_t block) const {
  Range range = visited(query);
  if (block < range.first || block >= range.first + range.count)
    return Kind::Absent;
  Integers integers;
  auto full = BandRanges<Integers>(integers, band, query, diagonal, keys).full();
  int64_t key = block * band.columns;
  bool inside = key >= full.begin.value_or(std::numeric_limits<int64_t>::min()) && key + band.columns <= full.end;
  return inside ? Kind::Full : Kind::Partial;
}
