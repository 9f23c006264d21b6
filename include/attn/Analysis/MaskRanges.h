// Which keys a tile of queries has to visit under a mask region and a band together, and in which blocks every pair is
// allowed. The region is taken apart into comparisons; the query is eliminated from each conjunction of them, and what
// is left bounds the key by terms in the tile's first query and the scalars of the kernel. No IR is changed: a pass emits
// the terms as index operations, a test evaluates them on integers, both through the templates below.
//
// Visited ranges may hold too much and never too little; a block counts as full only when every pair in it is allowed.
// Rows of a tile beyond the last query count like any other. Integer arithmetic of a region must not overflow.
#ifndef ATTN_ANALYSIS_MASKRANGES_H
#define ATTN_ANALYSIS_MASKRANGES_H

#include "attn/Analysis/BlockMask.h"
#include "attn/Analysis/KeyTerms.h"

#include "mlir/IR/Block.h"
#include "llvm/ADT/ArrayRef.h"

#include <string>

namespace attn::analysis {

/// The keys k with every `lower <= k`, every `k <= upper`, where every guard is at most 0.
struct KeyInterval {
  std::vector<Term> lowers, uppers, guards;
};

class MaskRanges {
public:
  /// How the visited keys were found.
  enum class Outcome {
    Derived,  ///< in closed form
    Searched, ///< in closed form, but for places in sorted buffers that a search finds
    Visited,  ///< the region, or a part of it, says nothing about ranges: blocks are visited and masked
  };

  /// The most ranges a tile's visited keys are split into, and its forbidden ones.
  static constexpr size_t kMaxRanges = 4, kMaxForbidden = 6;

  /// `region` has arguments batch, head, query and key first and ends with the value it yields. `band` bounds
  /// key - (query + diagonal) as in BlockMask. Captures
  /// follow, and those with the numbers `sorted` are buffers that do not fall along their last axis.
  static MaskRanges derive(mlir::Block &region, const TiledBand &band, llvm::ArrayRef<int64_t> sorted = {});

  Outcome outcome() const {
    return !reason.empty() ? Outcome::Visited : table.hasSearches() ? Outcome::Searched : Outcome::Derived;
  }
  /// Why something is not derived; empty unless it is Outcome::Visited.
  const std::string &why() const { return reason; }

  /// Intervals of which a kernel takes the hull.
  using Group = std::vector<KeyInterval>;
  /// Every allowed key is in the hull of one of these.
  const std::vector<Group> &visited() const { return ranges; }
  /// Every key that is forbidden for a query of the tile is in the hull of one of these.
  const std::vector<Group> &forbidden() const { return exceptions; }
  const TermTable &terms() const { return table; }
  const TiledBand &band() const { return tile; }

private:
  explicit MaskRanges(const TiledBand &band) : tile(band) {}
  TiledBand tile;
  TermTable table;
  std::vector<Group> ranges, exceptions;
  std::string reason;
};

/// The ranges of one tile over any arithmetic: that of BandRanges, and floorDivide(Value, int64_t) for any sign,
/// multiply(Value, int64_t), symbol(mlir::Value), element(Atom, Value) and search(Atom, Value) for what the atoms of those
/// kinds are at an index and for a value (an index behind the buffer stands for its last one, one in front of it for its
/// first), selectAtMost(a, b, c, d) for a <= b ? c : d.
template <typename Arithmetic> class MaskRangesOf {
public:
  using Value = typename Arithmetic::Value;

  /// `query` is the tile's first query.
  MaskRangesOf(Arithmetic &arithmetic, const MaskRanges &mask, Value query, Value diagonal, Value keys)
      : a(arithmetic), mask(mask), keys(keys) {
    atoms[TermTable::kStart] = query;
    atoms[TermTable::kDiagonal] = diagonal;
  }

  /// Key blocks [first, first + count).
  struct Blocks {
    Value first, count;
  };
  /// The blocks to visit: disjoint, in rising order, possibly empty ones among them.
  std::vector<Blocks> visited() {
    std::vector<Keys> blocks;
    for (const MaskRanges::Group &group : mask.visited())
      blocks.push_back(toBlocks(hull(group)));
    sort(blocks);
    std::vector<Blocks> result;
    std::optional<Value> end;
    for (Keys range : blocks) {
      if (end)
        range.begin = a.max(range.begin, *end);
      result.push_back({range.begin, a.max(a.constant(0), a.sub(range.end, range.begin))});
      end = end ? a.max(*end, range.end) : range.end;
    }
    return result;
  }

  /// Keys [begin, end); empty when end <= begin.
  struct Keys {
    Value begin, end;
  };
  /// Every pair of the tile and a key outside these, and below the key count, is allowed.
  std::vector<Keys> forbidden() {
    std::vector<Keys> result;
    for (const MaskRanges::Group &group : mask.forbidden())
      result.push_back(hull(group));
    return result;
  }

private:
  Value evaluate(const Term &term) {
    std::optional<Value> sum;
    for (auto [atom, factor] : term.factors) {
      Value value = evaluate(atom);
      if (factor == -1 && sum) {
        sum = a.sub(*sum, value);
        continue;
      }
      value = factor == 1 ? value : a.multiply(value, factor);
      sum = sum ? a.add(*sum, value) : value;
    }
    return sum ? a.add(*sum, term.constant) : a.constant(term.constant);
  }

  Value evaluate(unsigned atom) {
    if (auto it = atoms.find(atom); it != atoms.end())
      return it->second;
    const TermTable::Atom &part = mask.terms()[atom];
    Value value = evaluate(part);
    atoms.emplace(atom, value);
    return value;
  }

  Value evaluate(const TermTable::Atom &part) {
    switch (part.kind) {
    case TermTable::Atom::Symbol:
      return a.symbol(part.symbol);
    case TermTable::Atom::Element:
      return a.element(part, evaluate(part.numerator));
    case TermTable::Atom::Search:
      return a.search(part, evaluate(part.numerator));
    default:
      return part.nonNegative ? a.divide(evaluate(part.numerator), part.divisor)
                              : a.floorDivide(evaluate(part.numerator), part.divisor);
    }
  }

  Keys evaluate(const KeyInterval &interval) {
    Value begin = a.constant(0), end = keys;
    for (const Term &lower : interval.lowers)
      begin = a.max(begin, evaluate(lower));
    for (const Term &upper : interval.uppers)
      end = a.min(end, a.add(evaluate(upper), 1));
    for (const Term &guard : interval.guards)
      end = a.selectAtMost(evaluate(guard), a.constant(0), end, a.constant(0));
    return {begin, end};
  }

  Keys hull(const MaskRanges::Group &group) {
    Keys whole = evaluate(group.front());
    for (size_t i = 1; i < group.size(); ++i) {
      // An empty interval adds nothing: it begins behind every key and ends before the first.
      Keys next = evaluate(group[i]);
      whole = normalise(whole);
      next = normalise(next);
      whole = {a.min(whole.begin, next.begin), a.max(whole.end, next.end)};
    }
    return whole;
  }

  Keys normalise(const Keys &range) {
    return {a.selectAtMost(range.end, range.begin, keys, range.begin),
            a.selectAtMost(range.end, range.begin, a.constant(0), range.end)};
  }

  /// The blocks that hold the keys; an empty range ends at block 0, so that it takes no block from another.
  Keys toBlocks(const Keys &range) {
    Value last = a.divide(a.add(a.max(range.end, a.constant(0)), mask.band().columns - 1), mask.band().columns);
    return {a.divide(range.begin, mask.band().columns), a.selectAtMost(range.end, range.begin, a.constant(0), last)};
  }

  /// Sorts by begin with a fixed network: the order is not known before the kernel runs.
  void sort(std::vector<Keys> &blocks) {
    for (size_t n = blocks.size(); n > 1; --n)
      for (size_t i = 0; i + 1 < n; ++i) {
        Keys left = blocks[i], right = blocks[i + 1];
        blocks[i] = {a.min(left.begin, right.begin), a.selectAtMost(left.begin, right.begin, left.end, right.end)};
        blocks[i + 1] = {a.max(left.begin, right.begin), a.selectAtMost(left.begin, right.begin, right.end, left.end)};
      }
  }

  Arithmetic &a;
  const MaskRanges &mask;
  Value keys;
  std::map<unsigned, Value> atoms;
};

} // namespace attn::analysis

#endif // ATTN_ANALYSIS_MASKRANGES_H
