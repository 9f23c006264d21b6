// The features of the language as factors with choices, and a spec for each row of choices: masks, scores, head groupings,
// batch forms and so on, each with each. SpecGenerator draws what is likely to break; here nothing is left to chance but the
// numbers.
#ifndef ATTN_REFERENCE_PAIRSPECS_H
#define ATTN_REFERENCE_PAIRSPECS_H

#include "attn/Reference/CoverPairs.h"
#include "attn/Reference/SpecGenerator.h"

#include <string>
#include <vector>

namespace attn::reference {

struct Factor {
  std::string name;
  std::vector<std::string> choices; ///< the first is the plainest
};

/// All factors, the type with f32 or without, which is its last choice.
std::vector<Factor> pairFactors(bool f32);

/// A covering array of these factors, the same everywhere; another for each seed.
std::vector<Choices> pairRows(bool f32, uint64_t seed);

/// The spec of a row. Its numbers depend on the seed and the choices; the index is only noted.
Spec pairSpec(const Choices &choices, uint64_t seed, uint64_t index);

/// "mask window, score alibi, …": what is not the first choice.
std::string describe(const std::vector<Factor> &factors, const Choices &choices);

} // namespace attn::reference

#endif // ATTN_REFERENCE_PAIRSPECS_H
