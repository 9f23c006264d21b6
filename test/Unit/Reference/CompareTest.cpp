// Comparisons: the worst element and its place, NaN and infinities, the floor under the error ratio.
#include "attn/Reference/Compare.h"

#include <gtest/gtest.h>

#include <cmath>

using namespace attn::reference;

static Comparison compareRow(std::vector<float> found, const std::vector<double> &expected) {
  return compare(denseView(found.data(), ElementType::F32, 1, 1, 1, found.size()), expected.data());
}

TEST(Compare, FindsTheWorstElement) {
  float found[8] = {0, 1, 2, 3, 4, 5.5, 6, 7};
  double expected[8] = {0, 1, 2.25, 3, 4, 5, 6, 7};
  Comparison result = compare(denseView(found, ElementType::F32, 1, 2, 2, 2), expected);
  EXPECT_EQ(result.maxError, 0.5);
  EXPECT_DOUBLE_EQ(result.rmsError, std::sqrt((0.0625 + 0.25) / 8));
  EXPECT_EQ(result.largestExpected, 7);
  EXPECT_EQ(std::vector<int64_t>(result.index, result.index + 4), (std::vector<int64_t>{0, 1, 0, 1}));
  EXPECT_EQ(result.expected, 5);
  EXPECT_EQ(result.found, 5.5);
  EXPECT_EQ(result.worst(), "[0, 1, 0, 1]: expected 5, found 5.5");
}

TEST(Compare, NothingIsEqual) {
  Comparison result = compareRow({}, {});
  EXPECT_EQ(result.maxError, 0);
  EXPECT_EQ(result.rmsError, 0);
  EXPECT_EQ(result.worst(), "no elements");
}

TEST(Compare, EqualInfinitiesAndNaNsAgree) {
  Comparison result = compareRow({-INFINITY, INFINITY, NAN}, {-INFINITY, INFINITY, NAN});
  EXPECT_EQ(result.maxError, 0);
  EXPECT_EQ(result.rmsError, 0);
}

TEST(Compare, AnyOtherNaNOrInfinityIsAnInfiniteError) {
  EXPECT_EQ(compareRow({1, NAN}, {1, 2}).maxError, INFINITY);
  EXPECT_EQ(compareRow({1, NAN}, {1, 2}).index[3], 1);
  EXPECT_EQ(compareRow({1, 2}, {1, NAN}).maxError, INFINITY);
  EXPECT_EQ(compareRow({-1e30f}, {-INFINITY}).maxError, INFINITY);
  EXPECT_EQ(compareRow({INFINITY}, {-INFINITY}).maxError, INFINITY);
  EXPECT_EQ(compareRow({NAN}, {-INFINITY}).maxError, INFINITY);
  EXPECT_EQ(compareRow({NAN, 3}, {1, 2}).rmsError, INFINITY);
}

TEST(Compare, FirstNaNIsNotReplacedByALaterSmallError) {
  Comparison result = compareRow({NAN, 3}, {1, 2});
  EXPECT_EQ(result.index[3], 0);
  EXPECT_EQ(result.maxError, INFINITY);
}

TEST(ErrorRatio, IsAQuotientOfLargestErrors) {
  Comparison ours = compareRow({1.5}, {1}), unfused = compareRow({1.25}, {1});
  EXPECT_EQ(errorRatio(ours, unfused, ElementType::F16), 2);
}

TEST(ErrorRatio, DividesByOneRoundingWhereUnfusedIsExact) {
  Comparison ours = compareRow({4 + 4 * 0x1p-10}, {4}), exact = compareRow({4}, {4});
  EXPECT_EQ(errorRatio(ours, exact, ElementType::F16), 2);
  EXPECT_EQ(errorRatio(ours, exact, ElementType::F16, 4), 0.5);
  EXPECT_EQ(errorRatio(ours, exact, ElementType::BF16), 0.25);
  EXPECT_EQ(errorRatio(exact, exact, ElementType::F16), 0);
}

TEST(ErrorRatio, AllZerosLeaveNoRoomForAnError) {
  Comparison ours = compareRow({1e-3f}, {0}), exact = compareRow({0}, {0});
  EXPECT_GT(errorRatio(ours, exact, ElementType::F16), 1000);
  EXPECT_EQ(errorRatio(compareRow({NAN}, {0}), exact, ElementType::F16), INFINITY);
}

TEST(ErrorRatio, ABrokenYardstickDoesNotExcuse) {
  Comparison ours = compareRow({NAN}, {1});
  EXPECT_EQ(errorRatio(ours, ours, ElementType::F32), INFINITY);
}
