// Which blocks of keys a tile of queries has to visit under a band mask, and which of them need no mask. The closed forms
// stand here once, over any arithmetic: tile-split-ranges emits them as index operations, because lengths are launch
// arguments, and BlockMask evaluates them on integers. No IR.
//
// Query i may see key j when j < keys and lower <= j - (i + diagonal) <= upper, where a bound that is absent always holds.
// Rows of a query tile beyond the last query count like any other: a kernel does not tell them apart.
#ifndef ATTN_ANALYSIS_BLOCKMASK_H
#define ATTN_ANALYSIS_BLOCKMASK_H

#include <algorithm>
#include <cstdint>
#include <optional>

namespace attn::analysis {

/// A band, and the tiles in which it is visited. Needs lower <= upper, rows > 0 and columns > 0.
struct TiledBand {
  int64_t rows, columns; ///< of a block: queries and keys
  std::optional<int64_t> lower, upper;
};

/// The ranges of one query tile. `Arithmetic` has a type Value and add(Value, Value), add(Value, int64_t),
/// sub(Value, Value), min, max, constant(int64_t), divide(Value, int64_t) for values that are not negative, and
/// selectGreater(a, b, c, d) for a > b ? c : d.
template <typename Arithmetic> class BandRanges {
public:
  using Value = typename Arithmetic::Value;

  /// `query` is the tile's first query.
  BandRanges(Arithmetic &arithmetic, const TiledBand &band, Value query, Value diagonal, Value keys)
      : a(arithmetic), band(band), start(a.add(query, diagonal)), keys(keys) {}

  /// The blocks with any allowed pair are `count` many from block `first` on.
  struct Visited {
    Value first, count;
  };
  Visited visited() {
    Value begin = a.constant(0), end = keys;
    if (band.lower)
      begin = a.max(begin, a.add(start, *band.lower));
    if (band.upper)
      end = a.max(a.constant(0), a.min(end, a.add(start, band.rows + *band.upper)));
    Value first = a.divide(begin, band.columns);
    Value last = a.divide(a.add(end, band.columns - 1), band.columns);
    // An empty range may still start inside a block: begin and end decide, not their blocks.
    return {first, a.selectGreater(end, begin, a.sub(last, first), a.constant(0))};
  }

  /// Every pair of the tile and a key from `begin` (0 when absent) up to `end` is allowed.
  struct Full {
    std::optional<Value> begin;
    Value end;
  };
  Full full() {
    Full range{std::nullopt, keys};
    if (band.lower)
      range.begin = a.add(start, band.rows - 1 + *band.lower);
    if (band.upper)
      range.end = a.min(range.end, a.add(start, *band.upper + 1));
    return range;
  }

private:
  Arithmetic &a;
  TiledBand band;
  Value start; ///< the diagonal's key in the tile's first row
  Value keys;
};

/// A band mask of known lengths.
class BlockMask {
public:
  enum class Kind { Absent, Partial, Full };
  struct Range {
    int64_t first, count;
  };

  BlockMask(const TiledBand &band, int64_t keys, int64_t diagonal) : band(band), keys(keys), diagonal(diagonal) {}

  /// The blocks that are not absent for the tile whose first query is `query`.
  Range visited(int64_t query) const;
  /// The kind of the block of keys from `block * columns` on for that tile.
  Kind classify(int64_t query, int64_t block) const;

private:
  TiledBand band;
  int64_t keys, diagonal;
};

} // namespace attn::analysis

#endif // ATTN_ANALYSIS_BLOCKMASK_H
