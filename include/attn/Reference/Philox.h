// The random numbers of dropout: Philox-4x32-10 (Salmon, Moraes, Dror, Shaw: Parallel Random Numbers: As Easy as 1, 2, 3,
// SC11), a counter-based generator, so that a weight's fate depends on where it stands and on nothing else.
#ifndef ATTN_REFERENCE_PHILOX_H
#define ATTN_REFERENCE_PHILOX_H

#include <array>
#include <cstdint>

namespace attn::reference {

using PhiloxCounter = std::array<uint32_t, 4>;
using PhiloxKey = std::array<uint32_t, 2>;

/// The block of four words of one counter.
PhiloxCounter philox(PhiloxCounter counter, PhiloxKey key);

struct Dropout {
  double probability = 0;
  uint64_t seed = 0;

  /// Words below it drop: round(probability * 2^32).
  uint64_t threshold() const;
  /// Whether a weight is kept. A block of four words serves two keys and two queries at distance 8: its counter is (key,
  /// query, head, batch) with bit 3 of key and query cleared, head being the query head; the Philox key is the seed, low
  /// word first. Word 2 * (query / 8 mod 2) + key / 8 mod 2 keeps the weight if it is at least the threshold.
  bool keeps(int64_t batch, int64_t head, int64_t query, int64_t key) const;
};

} // namespace attn::reference

#endif // ATTN_REFERENCE_PHILOX_H
