// Which tiles of a spec's mask a kernel skips, visits with a mask, and visits without one, for given lengths: a picture of
// what the analysis found, by the same closed forms that a kernel evaluates.
#ifndef ATTN_COMPILER_MASKPICTURE_H
#define ATTN_COMPILER_MASKPICTURE_H

#include "attn/Compiler/Compiler.h"

namespace attn::compiler {

struct MaskPicture {
  enum class Kind : uint8_t { Absent, Partial, Full };

  std::string symbol;           ///< the kernel's name
  int64_t queries = 0, keys = 0;
  int64_t rows = 1, columns = 1; ///< of a tile
  std::vector<std::vector<Kind>> tiles; ///< by query tile, then by key tile
  std::string why;              ///< empty, or what of the mask has no ranges in closed form, so that its tiles are visited

  /// The share of tiles of a kind, from 0 to 1.
  double share(Kind kind) const;
  /// The picture, a rectangle for each run of equal tiles in a row.
  std::string svg() const;
};

/// The largest number of tiles that a picture has.
constexpr int64_t maxPictureTiles = int64_t(1) << 22;

/// Draws batch 0 and head 0 of a spec under the options' plan. Unsupported where ranges depend on what a buffer holds.
Result<MaskPicture> drawMask(std::string_view spec, const CompileOptions &options, int64_t queries, int64_t keys);

} // namespace attn::compiler

#endif // ATTN_COMPILER_MASKPICTURE_H
