// What a mask region may and must say of all pairs of a tile, from bounds of its values over the tile: for masks that
// MaskRanges cannot solve, because they read captured buffers at the pair. A tile is cut into cells where buffers are read by
// blocks of it, so that an element is one number and not a range of unrelated ones. No IR is changed: a pass emits the bounds
// as index operations, a test evaluates them on integers, both through the template below.
//
// A tile that holds an allowed pair is always present, and one that holds a forbidden pair is never full.
#ifndef ATTN_ANALYSIS_TILEBOUNDS_H
#define ATTN_ANALYSIS_TILEBOUNDS_H

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Block.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/SmallVector.h"

#include <cstdint>
#include <numeric>
#include <optional>
#include <string>

namespace attn::analysis {

/// What of a region does not depend on the tile: its values that are the same for all pairs, and how tiles are cut.
class TileRegion {
public:
  /// `region` has arguments batch, head, query and key first, then captures, and ends with the value it yields.
  /// `rows` and `columns` are a tile's.
  TileRegion(mlir::Block &region, int64_t rows, int64_t columns);

  mlir::Block &region;
  int64_t rows, columns;         ///< of a tile
  int64_t cellRows, cellColumns; ///< of the cells that a tile is cut into

  /// Whether a value is the same for all pairs of a tile and may be computed beside them.
  bool isUniform(mlir::Value value);
  /// An integer constant.
  static std::optional<int64_t> getConstant(mlir::Value value);

private:
  int64_t chooseCells(unsigned argument, int64_t extent);
  bool dependsOn(mlir::Value value, unsigned argument);
  llvm::DenseMap<mlir::Value, bool> uniform;
};

/// The kinds of one region's tiles over any arithmetic: that of MaskRangesOf without element and search, and a type Truth,
/// truth(bool), both(Truth, Truth), either(Truth, Truth), invert(Truth), atMost(Value, Value), equal(Value, Value), and
/// extremes(buffer, box, single), the smallest and largest element in a box of indices, which may be known to hold one.
template <typename Arithmetic> class TileBoundsOf {
public:
  using Value = typename Arithmetic::Value;
  using Truth = typename Arithmetic::Truth;
  using Box = llvm::SmallVector<std::pair<Value, Value>, 4>;

  TileBoundsOf(Arithmetic &arithmetic, TileRegion &facts) : a(arithmetic), facts(facts) {}

  struct Kind {
    Truth present; ///< whether there may be an allowed pair
    Truth full;    ///< whether every pair is allowed
  };
  /// The tile whose first pair is (query, key), multiples of its rows and columns; keys from `keys` on are no pair's.
  Kind classify(Value query, Value key, Value keys) {
    Kind kind{a.truth(false), a.truth(true)};
    for (int64_t row = 0; row < facts.rows; row += facts.cellRows)
      for (int64_t column = 0; column < facts.columns; column += facts.cellColumns) {
        values.clear();
        chances.clear();
        values[facts.region.getArgument(2)] = cellBounds(a.add(query, row), facts.cellRows);
        Value first = a.add(key, column), last = a.add(keys, -1);
        Bounds cell = cellBounds(first, facts.cellColumns);
        cell.high = a.min(cell.high, last);
        values[facts.region.getArgument(3)] = cell;
        Chance chance = read(facts.region.getTerminator()->getOperand(0));
        if (column > 0)
          chance.may = a.both(chance.may, a.atMost(first, last));
        kind.present = a.either(kind.present, chance.may);
        kind.full = a.both(kind.full, invert(chance.mayNot));
      }
    return kind;
  }

  /// Why something was taken as unknown; empty when nothing was.
  std::string reason;

private:
  /// A value is from `low` to `high`, which lie at most `width` apart; `low` is a multiple of `step`.
  struct Bounds {
    Value low, high;
    int64_t width = kUnknown, step = 1;
    bool nonNegative = false, loaded = false;
  };
  struct Chance {
    Truth may, mayNot;
  };
  static constexpr int64_t kUnknown = int64_t(1) << 40;
  /// Elements that are read to bound one value over a cell.
  static constexpr int64_t kMostElements = 512;
  /// What regions compute with indices is smaller.
  static constexpr int64_t kLimit = (int64_t(1) << 30) - 1;

  Truth invert(Truth value) { return a.invert(value); }
  Bounds cellBounds(Value first, int64_t extent) { return {first, a.add(first, extent - 1), extent - 1, extent, true, false}; }
  Bounds exact(Value value, int64_t step = 1) { return {value, value, 0, step, false, false}; }

  Chance unknown(const std::string &why) {
    if (reason.empty())
      reason = why;
    return {a.truth(true), a.truth(true)};
  }
  std::optional<Bounds> unbounded(const std::string &why) {
    unknown(why);
    return std::nullopt;
  }
  static std::string nameOf(mlir::Operation *op) { return op->getName().getStringRef().str(); }

  Chance read(mlir::Value value) {
    auto it = chances.find(value);
    return it != chances.end() ? it->second : chances.insert({value, readChance(value)}).first->second;
  }
  Chance readChance(mlir::Value value);
  Chance readComparison(mlir::arith::CmpIOp op);
  Chance choose(Chance condition, Chance yes, Chance no) {
    return {a.either(a.both(condition.may, yes.may), a.both(condition.mayNot, no.may)),
            a.either(a.both(condition.may, yes.mayNot), a.both(condition.mayNot, no.mayNot))};
  }

  std::optional<Bounds> bound(mlir::Value value) {
    auto it = values.find(value);
    return it != values.end() ? it->second : values.insert({value, readBounds(value)}).first->second;
  }
  std::optional<Bounds> readBounds(mlir::Value value);
  std::optional<Bounds> readElement(mlir::Operation *op);
  std::optional<Bounds> readArithmetic(mlir::Operation *op);
  std::optional<Bounds> readDivision(mlir::Operation *op, const Bounds &left, int64_t by);
  Bounds sum(const Bounds &left, const Bounds &right);
  Bounds difference(const Bounds &left, const Bounds &right);
  Bounds scale(const Bounds &value, int64_t by);
  Bounds quotient(const Bounds &value, int64_t by);
  Bounds remainder(const Bounds &value, int64_t by);
  Bounds limit(Bounds value);

  Arithmetic &a;
  TileRegion &facts;
  llvm::DenseMap<mlir::Value, std::optional<Bounds>> values;
  llvm::DenseMap<mlir::Value, Chance> chances;
};

} // namespace attn::analysis

#include "attn/Analysis/TileBoundsOf.h"

#endif // ATTN_ANALYSIS_TILEBOUNDS_H
