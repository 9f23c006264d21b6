// Operations of the tile dialect, in the order in which the stages bring them in: those that compute, then those that move
// data between roles.
#ifndef ATTN_DIALECT_TILE_OPS_TD
#define ATTN_DIALECT_TILE_OPS_TD

include "attn/Dialect/Tile/IR/TileComputeOps.td"
include "attn/Dialect/Tile/IR/TileStepOps.td"
include "attn/Dialect/Tile/IR/TileTableOps.td"
include "attn/Dialect/Tile/IR/TilePartOps.td"
include "attn/Dialect/Tile/IR/TileRingOps.td"

#endif // ATTN_DIALECT_TILE_OPS_TD
