// Covering arrays of strength two: few rows of choices, one choice a factor, such that every pair of choices of two factors
// stands in some row. Faults of a compiler with many features mostly need two of them at once.
#ifndef ATTN_REFERENCE_COVERPAIRS_H
#define ATTN_REFERENCE_COVERPAIRS_H

#include <cstdint>
#include <vector>

namespace attn::reference {

/// Of each factor the number of its choice.
using Choices = std::vector<unsigned>;

/// Rows that hold every pair, for factors of `counts` choices; the same for the same seed everywhere. After AETG (Cohen, Dalal,
/// Fredman, Patton: The AETG System: An Approach to Testing Based on Combinatorial Design, IEEE Transactions on Software
/// Engineering 23(7), 1997): each row is the best of some candidates, each made factor by factor, in random order, from the
/// choices that hold most of the pairs that are still missing.
std::vector<Choices> coverPairs(const std::vector<unsigned> &counts, uint64_t seed);

} // namespace attn::reference

#endif // ATTN_REFERENCE_COVERPAIRS_H
