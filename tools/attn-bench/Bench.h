// The measurement: warm-up, rounds of launches in a stream, and what they say.
#ifndef ATTN_TOOLS_ATTN_BENCH_BENCH_H
#define ATTN_TOOLS_ATTN_BENCH_BENCH_H

#include "Subject.h"

#include "attn/Reference/Problem.h"

#include <vector>

namespace attn::tools {

struct BenchOptions {
  unsigned rounds = 11;
  unsigned warmUpMilliseconds = 500, roundMilliseconds = 100;
  unsigned ceiling = 0; ///< TFLOP/s of a matrix product on this machine; 0: not given
  unsigned seed = 1;
};

struct Timing {
  std::vector<double> milliseconds; ///< a launch, of each round, ascending
  unsigned warmUpLaunches = 0, launchesPerRound = 0;

  double median() const { return milliseconds[milliseconds.size() / 2]; }
  /// Largest less smallest, over the median.
  double spread() const { return (milliseconds.back() - milliseconds.front()) / median(); }
};

/// Launches on random normal tensors, and gives the problem the sequences that were drawn. A kernel that is too quick for the clock is launched often in a round.
Result<Timing> timeSubject(const Subject &subject, reference::Problem &problem, const BenchOptions &options);

/// One line.
std::string benchJson(const std::string &name, const Subject &subject, const reference::Problem &problem,
                      const Timing &timing, const BenchOptions &options);

} // namespace attn::tools

#endif // ATTN_TOOLS_ATTN_BENCH_BENCH_H
