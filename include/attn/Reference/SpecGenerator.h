// Random attention problems with their memory layouts and the text that a compiler gets: the same list on every
// machine. A spec is named by its seed and index and can be made again from them alone.
#ifndef ATTN_REFERENCE_SPECGENERATOR_H
#define ATTN_REFERENCE_SPECGENERATOR_H

#include "attn/Reference/Layout.h"

#include <memory>
#include <string>
#include <vector>

namespace attn::reference {

struct GeneratorOptions {
  uint64_t seed = 1;
  bool f32 = false; ///< also f32; only the CPU target takes it. The other properties of a spec do not depend on it
  bool regions = false; ///< also score and mask regions; the other properties of a spec do not depend on it
  /// Bound of batch * queryHeads * queryLength * kvLength * (headDim + valueDim).
  int64_t maxWork = 20'000'000;
  bool ragged = false; ///< also padded and packed sequences, and documents; the other properties of a spec do not depend on it
  /// Also softcap, ALiBi, bias, prefix, chunks, documents, sinks and dropout; other properties do not depend on it.
  bool clauses = false;
};

/// A captured buffer: contents by dense order, and how it lies in memory. Axes beyond its rank have extent 1.
struct Capture {
  std::string name; ///< of the function's argument, without %
  TensorLayout layout;
  int32_t rank = 1;
  std::vector<double> values;
  bool fixed = false; ///< the text states every extent
};

struct Spec {
  uint64_t seed = 0, index = 0;
  Problem problem;
  Layouts layouts;
  bool wantsLse = false;
  /// Document numbers or numbers of blocks, dense [batch, documentsLength], that the spec captures; none: null.
  std::shared_ptr<const std::vector<int32_t>> documents;
  int64_t documentsLength = 0;
  std::vector<Capture> captures; ///< in launch order, between value and output
  std::string choices; ///< of a row of pairs, in words; none of a random spec
  std::string text; ///< a module with the function @attention, its extents static and dynamic mixed

  /// "seed=1 index=17": enough to make it again.
  std::string reproducer() const;
  /// The reproducer and everything that matters about the problem, in one line.
  std::string summary() const;
  /// The seed of its inputs.
  uint64_t inputSeed() const;
};

class SpecGenerator {
public:
  explicit SpecGenerator(GeneratorOptions options) : options(options) {}

  /// The spec of an index; any order, any number of times.
  Spec at(uint64_t index) const;

private:
  GeneratorOptions options;
};

} // namespace attn::reference

#endif // ATTN_REFERENCE_SPECGENERATOR_H
