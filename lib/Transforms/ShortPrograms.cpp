// The ranges of one query tile, on integers.
#include "ShortPrograms.h"

#include "PlanChoice.h"

#include "attn/Analysis/IntegerArithmetic.h"
#include "attn/Analysis/MaskRanges.h"
#include "attn/Target/Gpu.h"

using namespace mlir;
using namespace mlir::attn;
using ::attn::analysis::MaskRanges;
using ::attn::analysis::MaskRangesOf;
using ::attn::analysis::TermTable;

namespace {
/// Before a launch: what buffers and scalars hold is not known.
struct Integers : ::attn::analysis::IntegerArithmetic {
  bool unknown = false;

  int64_t symbol(mlir::Value) { return unknown = true, 0; }
  int64_t element(const TermTable::Atom &, int64_t) { return unknown = true, 0; }
  int64_t search(const TermTable::Atom &, int64_t) { return unknown = true, 0; }
};
} // namespace

/// How many blocks should share the first query tile of a head. It may be what a launch ends with: where it has more blocks of keys
/// than `limit` times the mean of a place for a block, so many share it that it has not. Measured on an H100
/// (docs/measured/h100-masks.md, "Shared programs"): at 1.5 times a split loses 3 %, at 1.8 it gains a sixth.
static int64_t splitOfFirstTile(AttentionOp op, int64_t length, int64_t residency, int64_t rows, int64_t first, int64_t others) {
  constexpr double limit = 1.75;
  constexpr int64_t most = 4;
  double heads = batchOf(op, length) * op.getHeads().getQuery(), tiles = static_cast<double>(length) / rows;
  double mean = heads * (first + tiles * others) / (::attn::target::hopper.multiprocessors * residency);
  int64_t split = 1;
  while (split < most && first > limit * mean * split)
    split *= 2;
  return split;
}

SmallTiles mlir::attn::smallTilesOf(AttentionOp op, int64_t length) {
  // On an H100 (docs/measured/h100-checks.md, "Small tiles") query tiles of 600 to 900 keys under a region gain a third to two
  // thirds by small tiles, those of 4000 keys lose a fifth. Windows of 128 to 2048 keys gain a quarter to three quarters at
  // head_dim 64, and nothing at 128.
  constexpr int64_t rows = 64, columns = 64, few = 1536, widest = 2048;
  bool narrow = isNarrow(op);
  int64_t several = narrow ? 3 : 2;
  CausalityAttr causality = op.getCausalityOrNone();
  std::optional<int64_t> lower = causality.getLowerOffset(), upper = causality.getUpperOffset();
  if (op.getMask().empty())
    return {narrow && lower && upper && *upper - *lower <= widest ? several : 1};
  MaskRanges ranges = MaskRanges::derive(op.getMask().front(), {rows, columns, lower, upper},
                                         op.getSorted().value_or(ArrayRef<int64_t>()));
  if (ranges.outcome() == MaskRanges::Outcome::Visited) // making a table takes registers
    return {2, false, splitOfFirstTile(op, length, 2, rows, length / columns, /*others=*/8)};
  if (ranges.outcome() == MaskRanges::Outcome::Searched)
    return {several, /*searched=*/true};
  Integers integers;
  auto blocksOf = [&](int64_t query) {
    int64_t blocks = 0;
    for (auto [first, count] : MaskRangesOf<Integers>(integers, ranges, query, 0, length).visited())
      blocks += count;
    return blocks;
  };
  int64_t others = blocksOf(length / 2), first = blocksOf(0);
  if (integers.unknown || others * columns > few)
    return {1};
  return {several, false, splitOfFirstTile(op, length, several, rows, first, others)};
}
