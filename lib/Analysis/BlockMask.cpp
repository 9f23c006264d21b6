// The ranges of BlockMask.h on integers.
#include "attn/Analysis/BlockMask.h"

#include "attn/Analysis/IntegerArithmetic.h"

#include <limits>

using namespace attn::analysis;

BlockMask::Range BlockMask::visited(int64_t query) const {
  IntegerArithmetic integers;
  auto range = BandRanges<IntegerArithmetic>(integers, band, query, diagonal, keys).visited();
  return {range.first, range.count};
}

BlockMask::Kind BlockMask::classify(int64_t query, int64_t block) const {
  Range range = visited(query);
  if (block < range.first || block >= range.first + range.count)
    return Kind::Absent;
  IntegerArithmetic integers;
  auto full = BandRanges<IntegerArithmetic>(integers, band, query, diagonal, keys).full();
  int64_t key = block * band.columns;
  bool inside = key >= full.begin.value_or(std::numeric_limits<int64_t>::min()) && key + band.columns <= full.end;
  return inside ? Kind::Full : Kind::Partial;
}
