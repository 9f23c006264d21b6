// Random numbers that are the same on every platform and with every standard library: SplitMix64 (Steele, Lea, Flood:
// Fast Splittable Pseudorandom Number Generators, OOPSLA 2014) and distributions made of integer arithmetic only.
#ifndef ATTN_REFERENCE_RANDOM_H
#define ATTN_REFERENCE_RANDOM_H

#include <cstdint>
#include <initializer_list>

namespace attn::reference {

class Random {
public:
  explicit Random(uint64_t seed) : state(seed) {}

  uint64_t next() {
    uint64_t mixed = state += 0x9E3779B97F4A7C15;
    mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
    mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
    return mixed ^ (mixed >> 31);
  }
  /// From 0 to bound - 1. The bias of the remainder is below bound / 2^64.
  int64_t below(int64_t bound) { return static_cast<int64_t>(next() % static_cast<uint64_t>(bound)); }
  /// From first to last, both included.
  int64_t between(int64_t first, int64_t last) { return first + below(last - first + 1); }
  bool percent(int share) { return below(100) < share; }
  template <typename T>
  T pick(std::initializer_list<T> choices) {
    return choices.begin()[below(static_cast<int64_t>(choices.size()))];
  }
  /// Mean 0, deviation 1, within ±6: the sum of twelve uniform 16-bit numbers, which a double holds exactly.
  double normal() {
    int64_t sum = 0;
    for (int word = 0; word < 3; ++word)
      for (uint64_t bits = next(), part = 0; part < 4; ++part)
        sum += static_cast<int64_t>(bits >> (16 * part) & 0xffff);
    return (static_cast<double>(sum) - 12 * 32767.5) / 65536;
  }

private:
  uint64_t state;
};

/// A seed that depends on both numbers.
inline uint64_t mixSeeds(uint64_t first, uint64_t second) {
  Random random(first);
  return random.next() ^ Random(second ^ 0x5DEECE66D).next();
}

} // namespace attn::reference

#endif // ATTN_REFERENCE_RANDOM_H
