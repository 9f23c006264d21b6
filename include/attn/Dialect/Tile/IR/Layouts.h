// Which elements of a tile a thread holds: #tile.layout as functions. A thread's registers of a tile ("pieces") are
// numbered in the order of wgmma's fragments. An element's position is the thread's origin plus the piece's offset, so a
// conversion computes one from the thread index and knows the other at compile time.
#ifndef ATTN_DIALECT_TILE_IR_LAYOUTS_H
#define ATTN_DIALECT_TILE_IR_LAYOUTS_H

#include <cstdint>

namespace mlir::tile {

struct Position {
  int64_t row, column;
};

constexpr int64_t kWarpgroupThreads = 128, kWarpgroupRows = 64, kWarpRows = 16;

/// The first element of thread `thread` (0 to 127) of warpgroup `warpgroup`, in every layout of a matrix; its row is the
/// first row of the thread in layout `row`.
constexpr Position getThreadOrigin(int64_t warpgroup, int64_t thread) {
  int64_t warp = thread / 32, lane = thread % 32;
  return {kWarpgroupRows * warpgroup + kWarpRows * warp + lane / 4, 2 * (lane % 4)};
}

/// Columns of sums behind those of an accumulator: as many as the least that a product can have, all alike.
constexpr int64_t kSumColumns = 8;

/// Layout `accumulator`: one element a piece.
constexpr int64_t getAccumulatorPieces(int64_t columns) { return columns / 2; }
constexpr Position getAccumulatorOffset(int64_t piece) { return {8 * (piece / 2 % 2), 8 * (piece / 4) + piece % 2}; }

/// Layout `operand`, and 16-bit elements in layout `accumulator`: an element and, in the upper half of the register, the
/// next column's.
constexpr int64_t getPairPieces(int64_t columns) { return columns / 4; }
constexpr Position getPairOffset(int64_t piece) { return {8 * (piece % 2), 8 * (piece / 2)}; }

/// Layout `row`: one row a piece, the same in the four threads of a quad.
constexpr int64_t kRowPieces = 2;
constexpr int64_t getRowOffset(int64_t piece) { return 8 * piece; }
/// The piece of layout `row` that holds the row of an accumulator's piece.
constexpr int64_t getRowPiece(int64_t accumulatorPiece) { return accumulatorPiece / 2 % 2; }

/// Bytes of a softmax state as threads hold it: an accumulator of f32, and a reference and a sum of each row, which the four threads
/// of its quad have.
constexpr int64_t getStateBytes(int64_t rows, int64_t columns) {
  return rows / kWarpgroupRows * 128 * 4 * (getAccumulatorPieces(columns) + 2 * kRowPieces);
}

} // namespace mlir::tile

#endif // ATTN_DIALECT_TILE_IR_LAYOUTS_H
