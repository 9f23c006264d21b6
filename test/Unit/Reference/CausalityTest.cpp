// The predicate on small cases drawn by hand: '#' is an allowed pair, rows are queries, columns are keys.
#include "attn/Reference/Problem.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

using namespace attn::reference;

static std::vector<std::string> drawn(CausalityKind kind, int64_t queries, int64_t keys,
                                      std::optional<int64_t> left = {}, std::optional<int64_t> right = {}) {
  Problem problem;
  problem.queryLength = queries;
  problem.kvLength = keys;
  problem.causality = {kind, left, right};
  std::vector<std::string> rows;
  for (int64_t i = 0; i < queries; ++i) {
    rows.emplace_back();
    for (int64_t j = 0; j < keys; ++j)
      rows.back() += allowed(problem, 0, i, j) ? '#' : '.';
  }
  return rows;
}

using Drawing = std::vector<std::string>;

TEST(Causality, NoneAllowsAll) { EXPECT_EQ(drawn(CausalityKind::None, 2, 3), (Drawing{"###", "###"})); }

TEST(Causality, TopLeft) {
  EXPECT_EQ(drawn(CausalityKind::TopLeft, 2, 4), (Drawing{"#...", "##.."}));
  EXPECT_EQ(drawn(CausalityKind::TopLeft, 4, 2), (Drawing{"#.", "##", "##", "##"}));
}

TEST(Causality, BottomRight) {
  EXPECT_EQ(drawn(CausalityKind::BottomRight, 2, 4), (Drawing{"###.", "####"}));
  EXPECT_EQ(drawn(CausalityKind::BottomRight, 4, 2), (Drawing{"..", "..", "#.", "##"}));
}

TEST(Causality, LeftWindowCountsInclusively) {
  EXPECT_EQ(drawn(CausalityKind::TopLeft, 4, 4, 1), (Drawing{"#...", "##..", ".##.", "..##"}));
  EXPECT_EQ(drawn(CausalityKind::TopLeft, 3, 3, 0), (Drawing{"#..", ".#.", "..#"}));
  EXPECT_EQ(drawn(CausalityKind::BottomRight, 2, 5, 2), (Drawing{".###.", "..###"}));
}

TEST(Causality, WindowWithoutCausalityIsBottomRightAligned) {
  EXPECT_EQ(drawn(CausalityKind::None, 3, 3, 0, 1), (Drawing{"##.", ".##", "..#"}));
  EXPECT_EQ(drawn(CausalityKind::None, 2, 4, 0, 0), (Drawing{"..#.", "...#"}));
  EXPECT_EQ(drawn(CausalityKind::None, 2, 4, 1), (Drawing{".###", "..##"}));
  EXPECT_EQ(drawn(CausalityKind::None, 2, 4, {}, 0), (Drawing{"###.", "####"}));
}

TEST(Causality, RightWindowBeyondTheDiagonalDoesNotWidenACausalMask) {
  EXPECT_EQ(drawn(CausalityKind::TopLeft, 3, 3, {}, 5), drawn(CausalityKind::TopLeft, 3, 3));
}

TEST(Causality, WindowsThatHoldAllKeysChangeNothing) {
  for (CausalityKind kind : {CausalityKind::None, CausalityKind::TopLeft, CausalityKind::BottomRight})
    for (int64_t queries = 0; queries < 6; ++queries)
      for (int64_t keys = 0; keys < 6; ++keys)
        EXPECT_EQ(drawn(kind, queries, keys, 1000, 1000), drawn(kind, queries, keys));
}
