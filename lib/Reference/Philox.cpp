// Philox-4x32-10 and the choice made with it.
#include "attn/Reference/Philox.h"

#include <cmath>

namespace attn::reference {

PhiloxCounter philox(PhiloxCounter counter, PhiloxKey key) {
  for (int round = 0; round < 10; ++round) {
    uint64_t first = uint64_t(0xD2511F53) * counter[0], second = uint64_t(0xCD9E8D57) * counter[2];
    counter = {static_cast<uint32_t>(second >> 32) ^ counter[1] ^ key[0], static_cast<uint32_t>(second),
               static_cast<uint32_t>(first >> 32) ^ counter[3] ^ key[1], static_cast<uint32_t>(first)};
    // Weyl sequences of the golden ratio and of sqrt(3) - 1.
    key[0] += 0x9E3779B9;
    key[1] += 0xBB67AE85;
  }
  return counter;
}

uint64_t Dropout::threshold() const { return static_cast<uint64_t>(std::nearbyint(probability * 4294967296.0)); }

bool Dropout::keeps(int64_t batch, int64_t head, int64_t query, int64_t key) const {
  PhiloxCounter counter = {static_cast<uint32_t>(key & ~8), static_cast<uint32_t>(query & ~8),
                           static_cast<uint32_t>(head), static_cast<uint32_t>(batch)};
  PhiloxKey words = {static_cast<uint32_t>(seed), static_cast<uint32_t>(seed >> 32)};
  return philox(counter, words)[(query >> 3 & 1) * 2 + (key >> 3 & 1)] >= threshold();
}

} // namespace attn::reference
