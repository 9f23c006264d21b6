// Mask regions as tests use them: parsed from text or drawn at random, evaluated pair by pair by running their operations
// on integers, and held against the ranges that MaskRanges derives and the kinds of tiles that TileBounds finds.
#ifndef ATTN_TEST_UNIT_ANALYSIS_MASKREGIONS_H
#define ATTN_TEST_UNIT_ANALYSIS_MASKREGIONS_H

#include "attn/Analysis/MaskRanges.h"
#include "attn/Analysis/TileBounds.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"

#include <random>

namespace attn::test {

/// What a region does not compute itself: the scalars and tables behind its captures, by their number, and batch and head.
struct Captures {
  int64_t batch = 0, head = 0;
  std::vector<std::vector<int64_t>> tables; ///< a scalar has one entry
};

/// A module with one function whose arguments are (batch, head, query, key, captures…) and whose result is the mask.
mlir::OwningOpRef<mlir::ModuleOp> parseMask(mlir::MLIRContext &context, const std::string &captureTypes,
                                            const std::string &body);
/// The same, drawn at random, with two captured scalars and a captured table of one entry a batch.
mlir::OwningOpRef<mlir::ModuleOp> drawMask(mlir::MLIRContext &context, std::mt19937 &random);
/// The same with a fourth capture, a table of numbers for queries and keys, and comparisons of its elements.
mlir::OwningOpRef<mlir::ModuleOp> drawSortedMask(mlir::MLIRContext &context, std::mt19937 &random);

/// The same, the numbers of the table in any order and read at any place.
mlir::OwningOpRef<mlir::ModuleOp> drawTableMask(mlir::MLIRContext &context, std::mt19937 &random);

mlir::Block &getRegion(mlir::ModuleOp module);

/// Runs the region for one pair.
bool isAllowed(mlir::Block &region, const Captures &captures, int64_t query, int64_t key);

/// One launch: lengths, the diagonal of the band, what is captured.
struct Launch {
  int64_t queries, keys, diagonal;
  Captures captures;
};

/// What the ranges of all query tiles of a launch do, beside what they could do.
struct Comparison {
  int64_t visited = 0, needed = 0;    ///< blocks, and blocks with an allowed pair
  int64_t full = 0, couldBeFull = 0;  ///< blocks without mask work, and blocks without a forbidden pair
  std::string wrong;                  ///< the first pair that would be wrong, if any
};
Comparison compare(const analysis::MaskRanges &mask, mlir::Block &region, const Launch &launch);
/// The same for the kinds that TileBounds finds, of the region alone.
Comparison compare(analysis::TileRegion &tiles, const Launch &launch);

} // namespace attn::test

#endif // ATTN_TEST_UNIT_ANALYSIS_MASKREGIONS_H
