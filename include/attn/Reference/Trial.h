// One kernel tried on one problem: guarded tensors with seeded inputs to launch on, then a verdict against the oracle.
// Tests on every target, and the tool that checks a run, share this so that "right" means one thing.
#ifndef ATTN_REFERENCE_TRIAL_H
#define ATTN_REFERENCE_TRIAL_H

#include "attn/Reference/Attention.h"
#include "attn/Reference/Compare.h"
#include "attn/Reference/GuardedTensor.h"
#include "attn/Reference/SpecGenerator.h"

#include <string>

namespace attn::reference {

/// The oracle's answer to a problem on given inputs, and the yardstick's error against it, for some rows or all.
struct Expectation {
  std::vector<Row> rows;
  std::vector<Row> places; ///< of the rows in the tensors
  std::vector<double> output, lse; ///< dense, a row after the other
  Comparison unfusedOutput, unfusedLse;
};

/// Give it sampleRows where allRows would take too long.
Expectation expectationOf(const Problem &problem, const TensorView &query, const TensorView &key,
                          const TensorView &value, std::vector<Row> rows);

struct Verdict {
  Comparison output, lse;
  double outputRatio = 0, lseRatio = 0; ///< as errorRatio defines them
  std::string failure;                  ///< empty: right. Else one sentence on the first thing that is wrong

  explicit operator bool() const { return failure.empty(); }
};

/// Judges values alone: error ratios of at most maxRatio; exactly 0 and -inf in rows that see no key. A null lse is not
/// looked at. Only the rows of the expectation count.
Verdict judgeValues(const Expectation &expected, ElementType type, const TensorView &output, const TensorView *lse,
                    double maxRatio = 2);

class Trial {
public:
  Trial(const Problem &problem, const Layouts &layouts, bool wantsLse, uint64_t inputSeed,
        const std::vector<Capture> &captured = {});
  explicit Trial(const Spec &spec)
      : Trial(spec.problem, spec.layouts, spec.wantsLse, spec.inputSeed(), spec.captures) {}

  /// For a launch. Output and lse are full of NaN.
  GuardedTensor query, key, value, output, lse;
  /// As the problem has them, for a launch of a spec with lengths or offsets. What belongs to no sequence is NaN, and so is
  /// now and then a whole packed sequence, whose results are not judged.
  std::vector<int32_t> queryLengths, kvLengths, queryOffsets, kvOffsets;
  std::vector<GuardedTensor> captures; ///< as many as the spec has, in its order
  const bool wantsLse;

  /// Judges after the launch: values as judgeValues does, inputs unchanged, guards intact.
  Verdict judge(double maxRatio = 2) const;

private:
  void poison(GuardedTensor &tensor, bool queries);
  std::string unownedFailure() const;

  Problem problem;
  int64_t poisoned = -1; ///< the sequence that is NaN
  uint64_t inputDigests[3];
  std::vector<uint64_t> captureDigests;
};

} // namespace attn::reference

#endif // ATTN_REFERENCE_TRIAL_H
