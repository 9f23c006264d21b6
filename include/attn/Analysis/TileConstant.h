// Tiles of one number that is known.
#ifndef ATTN_ANALYSIS_TILECONSTANT_H
#define ATTN_ANALYSIS_TILECONSTANT_H

#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Matchers.h"

#include <optional>

namespace attn::analysis {

/// The number that a whole f32 tile is; none if it is no constant or not one number.
inline std::optional<float> constantOfTile(mlir::Value tile) {
  mlir::SplatElementsAttr splat;
  auto type = mlir::dyn_cast<mlir::RankedTensorType>(tile.getType());
  if (!type || !type.getElementType().isF32() || !mlir::matchPattern(tile, mlir::m_Constant(&splat)))
    return std::nullopt;
  return splat.getSplatValue<float>();
}

} // namespace attn::analysis

#endif // ATTN_ANALYSIS_TILECONSTANT_H
