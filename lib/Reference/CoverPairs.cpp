// The greedy algorithm AETG for pairs.
#include "attn/Reference/CoverPairs.h"

#include "attn/Reference/Random.h"

#include <algorithm>
#include <utility>

namespace attn::reference {
namespace {

constexpr unsigned candidates = 50;
constexpr unsigned unset = ~0u;

/// Which pairs no row holds yet.
class MissingPairs {
public:
  explicit MissingPairs(const std::vector<unsigned> &counts) {
    for (unsigned count : counts) {
      starts.push_back(total);
      total += count;
    }
    missing.assign(total * total, false);
    for (size_t f = 0; f < counts.size(); ++f)
      for (size_t g = 0; g < counts.size(); ++g)
        for (unsigned x = 0; f != g && x < counts[f]; ++x)
          for (unsigned y = 0; y < counts[g]; ++y)
            missing[at(f, x, g, y)] = true;
    left = std::count(missing.begin(), missing.end(), true);
  }

  bool empty() const { return left == 0; }

  /// How many missing pairs choice x of factor f would add to a row.
  unsigned gain(const Choices &row, size_t f, unsigned x) const {
    unsigned sum = 0;
    for (size_t g = 0; g < row.size(); ++g)
      sum += g != f && row[g] != unset && missing[at(f, x, g, row[g])];
    return sum;
  }

  /// In how many missing pairs choice x of factor f stands.
  int64_t times(size_t f, unsigned x) const {
    auto row = missing.begin() + static_cast<int64_t>((starts[f] + x) * total);
    return std::count(row, row + static_cast<int64_t>(total), true);
  }

  void remove(const Choices &row) {
    for (size_t f = 0; f < row.size(); ++f)
      for (size_t g = 0; g < row.size(); ++g)
        if (f != g && missing[at(f, row[f], g, row[g])]) {
          missing[at(f, row[f], g, row[g])] = false;
          --left;
        }
  }

private:
  size_t at(size_t f, unsigned x, size_t g, unsigned y) const { return (starts[f] + x) * total + starts[g] + y; }

  std::vector<size_t> starts;
  size_t total = 0;
  std::vector<bool> missing;
  int64_t left = 0;
};

/// The best choice by a measure; one of the best at random.
template <typename Measure>
unsigned best(Random &random, unsigned count, Measure measure) {
  unsigned chosen = 0;
  int64_t most = -1, ties = 0;
  for (unsigned x = 0; x < count; ++x) {
    int64_t value = measure(x);
    if (value > most)
      most = value, ties = 0;
    if (value == most && random.below(++ties) == 0)
      chosen = x;
  }
  return chosen;
}

/// A row that begins with the choice that stands in most missing pairs. `gained`: how many it removes.
Choices drawRow(Random &random, const MissingPairs &missing, const std::vector<unsigned> &counts, unsigned &gained) {
  Choices row(counts.size(), unset);
  std::vector<std::pair<size_t, unsigned>> all;
  for (size_t f = 0; f < counts.size(); ++f)
    for (unsigned x = 0; x < counts[f]; ++x)
      all.push_back({f, x});
  auto [first, choice] = all[best(random, static_cast<unsigned>(all.size()),
                                  [&](unsigned n) { return missing.times(all[n].first, all[n].second); })];
  row[first] = choice;
  std::vector<size_t> order;
  for (size_t f = 0; f < counts.size(); ++f)
    if (f != first)
      order.push_back(f);
  for (size_t n = order.size(); n > 1; --n)
    std::swap(order[n - 1], order[static_cast<size_t>(random.below(static_cast<int64_t>(n)))]);
  gained = 0;
  for (size_t f : order) {
    row[f] = best(random, counts[f], [&](unsigned x) { return static_cast<int64_t>(missing.gain(row, f, x)); });
    gained += missing.gain(row, f, row[f]);
  }
  return row;
}

} // namespace

std::vector<Choices> coverPairs(const std::vector<unsigned> &counts, uint64_t seed) {
  Random random(seed);
  MissingPairs missing(counts);
  std::vector<Choices> rows;
  while (!missing.empty()) {
    Choices chosen;
    unsigned most = 0;
    for (unsigned n = 0; n < candidates; ++n) {
      unsigned gained = 0;
      Choices row = drawRow(random, missing, counts, gained);
      if (n == 0 || gained > most)
        chosen = std::move(row), most = gained;
    }
    missing.remove(chosen);
    rows.push_back(std::move(chosen));
  }
  return rows;
}

} // namespace attn::reference
