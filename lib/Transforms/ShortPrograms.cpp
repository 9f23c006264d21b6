// The ranges of one query tile, on integers.
#include "ShortPrograms.h"

#include "attn/Analysis/IntegerArithmetic.h"
#include "attn/Analysis/MaskRanges.h"

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

SmallTiles mlir::attn::smallTilesOf(AttentionOp op, int64_t length) {
  // On an H100 (docs/measured/h100-checks.md, "Small tiles") query tiles of 600 to 900 keys under a region gain a third to two
  // thirds by small tiles, those of 4000 keys lose a fifth. Windows of 128 to 2048 keys gain a quarter to three quarters at
  // head_dim 64, and nothing at 128.
  constexpr int64_t rows = 64, columns = 64, few = 1536, widest = 2048;
  bool narrow = std::max(op.getHeadDim(), op.getValueDim()) <= 64;
  int64_t several = narrow ? 3 : 2;
  CausalityAttr causality = op.getCausalityOrNone();
  std::optional<int64_t> lower = causality.getLowerOffset(), upper = causality.getUpperOffset();
  if (op.getMask().empty())
    return {narrow && lower && upper && *upper - *lower <= widest ? several : 1};
  MaskRanges ranges = MaskRanges::derive(op.getMask().front(), {rows, columns, lower, upper},
                                         op.getSorted().value_or(ArrayRef<int64_t>()));
  if (ranges.outcome() == MaskRanges::Outcome::Visited) // making a table takes registers
    return {2};
  if (ranges.outcome() == MaskRanges::Outcome::Searched)
    return {several, /*searched=*/true};
  Integers integers;
  int64_t keys = 0;
  for (auto [first, count] : MaskRangesOf<Integers>(integers, ranges, length / 2, 0, length).visited())
    keys += count * columns;
  return {!integers.unknown && keys <= few ? several : 1};
}
