// Register layouts: every element is held exactly once, where the PTX ISA says that wgmma holds it.
#include "attn/Dialect/Tile/IR/Layouts.h"

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <utility>

using namespace mlir::tile;

namespace {
using Element = std::pair<int64_t, int64_t>;

Element place(int64_t warpgroup, int64_t thread, Position offset, int64_t nextColumn = 0) {
  Position origin = getThreadOrigin(warpgroup, thread);
  return {origin.row + offset.row, origin.column + offset.column + nextColumn};
}

/// PTX ISA, "Matrix Fragments for wgmma.mma_async.m64nNk16", accumulator D: d(i) of a thread. Warp w has rows 16w on.
Element accumulatorOfTheIsa(int64_t thread, int64_t i) {
  int64_t groupId = thread % 32 / 4, threadInGroup = thread % 4;
  int64_t row = i % 4 < 2 ? groupId : groupId + 8;
  return {16 * (thread / 32) + row, 8 * (i / 4) + threadInGroup * 2 + (i & 1)};
}

/// The same section, multiplicand A in registers: a(i), i from 0 to 7, two to a register.
Element multiplicandOfTheIsa(int64_t thread, int64_t i) {
  int64_t groupId = thread % 32 / 4, threadInGroup = thread % 4;
  int64_t row = (i < 2 || (i >= 4 && i < 6)) ? groupId : groupId + 8;
  int64_t column = threadInGroup * 2 + (i & 1) + (i >= 4 ? 8 : 0);
  return {16 * (thread / 32) + row, column};
}
} // namespace

TEST(Layouts, AccumulatorHoldsEveryElementOnce) {
  for (int64_t warpgroups : {1, 2, 3, 4})
    for (int64_t columns : {8, 16, 80, 176, 256}) {
      std::set<Element> seen;
      for (int64_t warpgroup = 0; warpgroup < warpgroups; ++warpgroup)
        for (int64_t thread = 0; thread < kWarpgroupThreads; ++thread)
          for (int64_t piece = 0; piece < getAccumulatorPieces(columns); ++piece) {
            Element element = place(warpgroup, thread, getAccumulatorOffset(piece));
            EXPECT_LT(element.first, 64 * warpgroups);
            EXPECT_LT(element.second, columns);
            EXPECT_TRUE(seen.insert(element).second) << element.first << ", " << element.second;
          }
      EXPECT_EQ(int64_t(seen.size()), 64 * warpgroups * columns);
    }
}

TEST(Layouts, AccumulatorIsThatOfTheIsa) {
  for (int64_t thread = 0; thread < kWarpgroupThreads; ++thread)
    for (int64_t i = 0; i < getAccumulatorPieces(256); ++i)
      EXPECT_EQ(place(0, thread, getAccumulatorOffset(i)), accumulatorOfTheIsa(thread, i)) << thread << " " << i;
}

TEST(Layouts, PairsHoldEveryElementOnce) {
  for (int64_t columns : {16, 64, 128, 256}) {
    std::set<Element> seen;
    for (int64_t thread = 0; thread < kWarpgroupThreads; ++thread)
      for (int64_t piece = 0; piece < getPairPieces(columns); ++piece)
        for (int64_t half : {0, 1})
          EXPECT_TRUE(seen.insert(place(0, thread, getPairOffset(piece), half)).second);
    EXPECT_EQ(int64_t(seen.size()), 64 * columns);
    EXPECT_LT(seen.rbegin()->second, columns);
  }
}

TEST(Layouts, FourPairsAreTheMultiplicandOfOneStep) {
  // Step s of 16 columns takes registers 4s to 4s + 3.
  for (int64_t thread = 0; thread < kWarpgroupThreads; ++thread)
    for (int64_t step = 0; step < 8; ++step)
      for (int64_t i = 0; i < 8; ++i) {
        Element expected = multiplicandOfTheIsa(thread, i);
        expected.second += 16 * step;
        EXPECT_EQ(place(0, thread, getPairOffset(4 * step + i / 2), i % 2), expected) << thread << " " << step << " " << i;
      }
}

TEST(Layouts, PackingAnAccumulatorMovesNothing) {
  // Registers 2p and 2p + 1 of the accumulator become register p of the operand.
  for (int64_t thread = 0; thread < kWarpgroupThreads; ++thread)
    for (int64_t piece = 0; piece < getPairPieces(256); ++piece)
      for (int64_t half : {0, 1})
        EXPECT_EQ(place(0, thread, getPairOffset(piece), half), place(0, thread, getAccumulatorOffset(2 * piece + half)));
}

TEST(Layouts, AQuadHoldsEachOfItsRows) {
  std::map<int64_t, std::set<int64_t>> holders; // by row
  for (int64_t thread = 0; thread < kWarpgroupThreads; ++thread)
    for (int64_t piece = 0; piece < kRowPieces; ++piece)
      holders[getThreadOrigin(0, thread).row + getRowOffset(piece)].insert(thread);
  EXPECT_EQ(holders.size(), size_t(64));
  for (const auto &[row, threads] : holders) {
    EXPECT_EQ(threads.size(), size_t(4)) << row;
    EXPECT_EQ(*threads.begin() / 4, *threads.rbegin() / 4) << row;
  }
}

TEST(Layouts, RowsOfAnAccumulatorAreRowsOfTheRowLayout) {
  for (int64_t piece = 0; piece < getAccumulatorPieces(256); ++piece)
    EXPECT_EQ(getRowOffset(getRowPiece(piece)), getAccumulatorOffset(piece).row);
}
