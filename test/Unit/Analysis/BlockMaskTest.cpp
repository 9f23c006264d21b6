// The closed forms of a block mask against a count of the allowed pairs of every block, for all small lengths, alignments,
// windows and tile sizes.
#include "attn/Analysis/BlockMask.h"

#include <gtest/gtest.h>

#include <vector>

using attn::analysis::BlockMask;
using attn::analysis::TiledBand;

namespace {
/// What a block is by definition.
BlockMask::Kind count(const TiledBand &band, int64_t keys, int64_t diagonal, int64_t query, int64_t block) {
  int64_t allowed = 0;
  for (int64_t i = query; i < query + band.rows; ++i)
    for (int64_t j = block * band.columns; j < (block + 1) * band.columns; ++j) {
      int64_t distance = j - (i + diagonal);
      allowed += j < keys && (!band.lower || distance >= *band.lower) && (!band.upper || distance <= *band.upper);
    }
  if (allowed == 0)
    return BlockMask::Kind::Absent;
  return allowed == band.rows * band.columns ? BlockMask::Kind::Full : BlockMask::Kind::Partial;
}

/// Compares every block of every query tile; returns how many blocks of each kind there were.
void check(const TiledBand &band, int64_t queries, int64_t keys, int64_t diagonal, int64_t (&kinds)[3]) {
  BlockMask mask(band, keys, diagonal);
  for (int64_t query = 0; query < queries; query += band.rows) {
    int64_t present = 0;
    for (int64_t block = 0; block * band.columns < keys + band.columns; ++block) {
      BlockMask::Kind expected = count(band, keys, diagonal, query, block);
      ASSERT_EQ(static_cast<int>(mask.classify(query, block)), static_cast<int>(expected))
          << "rows " << band.rows << " columns " << band.columns << " lower " << band.lower.value_or(-99) << " upper "
          << band.upper.value_or(99) << " keys " << keys << " diagonal " << diagonal << " query " << query << " block "
          << block;
      present += expected != BlockMask::Kind::Absent;
      ++kinds[static_cast<int>(expected)];
    }
    EXPECT_EQ(mask.visited(query).count, present);
  }
}
} // namespace

TEST(BlockMask, AgreesWithACountOfPairs) {
  std::vector<std::optional<int64_t>> lowers = {std::nullopt, 0, -1, -2, -4, -7, -1000};
  std::vector<std::optional<int64_t>> uppers = {std::nullopt, 0, 1, 2, 4, 7, 1000};
  int64_t kinds[3] = {0, 0, 0};
  for (int64_t rows : {1, 2, 4})
    for (int64_t columns : {1, 3, 4})
      for (std::optional<int64_t> lower : lowers)
        for (std::optional<int64_t> upper : uppers)
          for (int64_t queries = 0; queries <= 9; ++queries)
            for (int64_t keys = 0; keys <= 9; ++keys)
              for (int64_t diagonal : {int64_t(0), keys - queries}) // top-left and bottom-right
                check({rows, columns, lower, upper}, queries, keys, diagonal, kinds);
  for (int64_t number : kinds)
    EXPECT_GT(number, 10000);
}

TEST(BlockMask, BandsMayLieOffTheDiagonal) {
  int64_t kinds[3] = {0, 0, 0};
  for (int64_t lower = -6; lower <= 6; ++lower)
    for (int64_t upper = lower; upper <= 6; ++upper)
      for (int64_t diagonal = -12; diagonal <= 12; diagonal += 3)
        check({4, 3, lower, upper}, 8, 11, diagonal, kinds);
  EXPECT_GT(kinds[0], kinds[2]);
}

TEST(BlockMask, FullBlocksOfACausalPrefill) {
  // Llama 3 at 8192 tokens with tiles of 128: the diagonal is partial, all before it is full.
  BlockMask mask({128, 128, std::nullopt, 0}, 8192, 0);
  EXPECT_EQ(mask.visited(4096).count, 33);
  EXPECT_EQ(mask.classify(4096, 31), BlockMask::Kind::Full);
  EXPECT_EQ(mask.classify(4096, 32), BlockMask::Kind::Partial);
  EXPECT_EQ(mask.classify(4096, 33), BlockMask::Kind::Absent);
}
