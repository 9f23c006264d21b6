// A warp's search finds what std::lower_bound finds, in as many steps as it promises, and stays within its range where the
// numbers are not sorted.
#include "attn/Analysis/WarpSearch.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

namespace {
/// 32-bit integers; a result that does not fit them fails the test.
struct Numbers {
  using Value = int64_t;
  bool overflowed = false;

  Value word(int64_t value) {
    overflowed |= value != static_cast<int32_t>(value);
    return static_cast<int32_t>(value);
  }
  Value add(Value left, Value right) { return word(left + right); }
  Value sub(Value left, Value right) { return word(left - right); }
  Value mul(Value left, Value right) { return word(left * right); }
  Value shiftRight(Value value, int64_t by) { return value >> by; }
  Value min(Value left, Value right) { return std::min(left, right); }
};

struct Found {
  int64_t place;
  int steps;
};

/// Runs the lanes one after another. `at` is the number at a place, which has to be one of [first, last).
template <typename At> Found search(int64_t first, int64_t last, int64_t value, At at) {
  Numbers numbers;
  Found found{first, 0};
  while (found.place < last) {
    attn::analysis::WarpSearch<Numbers> step(numbers, {found.place, last});
    int64_t passed = 0;
    for (int64_t lane = 0; lane != 32; ++lane) {
      int64_t place = step.placeOf(lane);
      EXPECT_GE(place, found.place);
      passed += place < last && at(place) < value;
    }
    auto next = step.next(passed);
    EXPECT_LE(found.place, next.low);
    EXPECT_LE(next.low, next.high);
    EXPECT_LE(next.high, last);
    EXPECT_LT(next.high - next.low, last - found.place);
    found = {next.low, found.steps + 1};
    last = next.high;
  }
  EXPECT_FALSE(numbers.overflowed);
  return found;
}

int stepsFor(int64_t places) {
  int steps = 0;
  for (int64_t answers = 1; answers < places + 1; answers *= 32)
    ++steps;
  return steps;
}

std::vector<int64_t> draw(std::mt19937 &random, size_t count, int64_t most) {
  std::vector<int64_t> numbers(count);
  for (int64_t &number : numbers)
    number = std::uniform_int_distribution<int64_t>(0, most)(random);
  return numbers;
}
} // namespace

TEST(WarpSearch, FindsTheLowerBound) {
  std::mt19937 random(1);
  for (int64_t count = 0; count <= 2000; ++count) {
    // Few numbers that repeat, as of documents, and many that differ.
    for (int64_t most : {int64_t{5}, 4 * count + 4}) {
      std::vector<int64_t> numbers = draw(random, count, most);
      std::sort(numbers.begin(), numbers.end());
      auto at = [&](int64_t place) { return numbers.at(place); };
      std::vector<int64_t> values{-1, 0, most, most + 1};
      for (int64_t value : draw(random, 20, most))
        values.push_back(value);
      for (int64_t value : values) {
        int64_t first = count ? std::uniform_int_distribution<int64_t>(0, count)(random) : 0;
        for (int64_t from : {int64_t{0}, first}) {
          Found found = search(from, count, value, at);
          ASSERT_EQ(found.place, std::lower_bound(numbers.begin() + from, numbers.end(), value) - numbers.begin())
              << value << " in " << count << " from " << from;
          ASSERT_LE(found.steps, stepsFor(count - from));
        }
      }
    }
  }
}

// Every answer of every short range, so that ends of parts are met from both sides.
TEST(WarpSearch, FindsEveryPlace) {
  for (int64_t count = 0; count <= 1100; ++count)
    for (int64_t answer = 0; answer <= count; ++answer)
      ASSERT_EQ(search(0, count, answer, [](int64_t place) { return place; }).place, answer) << count;
}

TEST(WarpSearch, FindsPlacesOfLongLists) {
  std::mt19937 random(2);
  for (int64_t count : {8191, 8192, 32767, 32768, 1048575, 1048576, (1 << 30) - 1})
    for (int64_t answer : {int64_t{0}, int64_t{1}, count / 3, count - 1, count, std::uniform_int_distribution<int64_t>(0, count)(random)}) {
      Found found = search(0, count, answer, [](int64_t place) { return place; });
      ASSERT_EQ(found.place, answer) << count;
      ASSERT_LE(found.steps, stepsFor(count));
    }
  EXPECT_EQ(stepsFor(8192), 3);
}

// `search` expects that ranges shrink and stay within the first.
TEST(WarpSearch, EndsWithinARangeThatIsNotSorted) {
  std::mt19937 random(3);
  for (int64_t count = 0; count <= 2000; ++count) {
    std::vector<int64_t> numbers = draw(random, count, 100);
    for (int64_t value : {-1, 0, 3, 50, 99, 101}) {
      Found found = search(0, count, value, [&](int64_t place) { return numbers.at(place); });
      ASSERT_TRUE(0 <= found.place && found.place <= count);
    }
  }
}

// Searches that narrow in one loop go on making steps when they are closed.
TEST(WarpSearch, AClosedRangeStays) {
  Numbers numbers;
  for (int64_t low : {0, 1, 31, 32, 33, 2000})
    for (int64_t high = 0; high <= low; ++high) {
      attn::analysis::WarpSearch<Numbers> step(numbers, {low, high});
      for (int64_t lane = 0; lane != 32; ++lane)
        ASSERT_GE(step.placeOf(lane), high) << lane;
      auto next = step.next(0);
      EXPECT_EQ(next.low, low);
      EXPECT_EQ(next.high, high);
    }
  EXPECT_FALSE(numbers.overflowed);
}
