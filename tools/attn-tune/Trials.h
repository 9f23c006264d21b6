// The tensors of one kind of kernel at one length, where kernels are held against the oracle and timed.
#ifndef ATTN_TOOLS_ATTN_TUNE_TRIALS_H
#define ATTN_TOOLS_ATTN_TUNE_TRIALS_H

#include "Kind.h"

#include "attn/Reference/Trial.h"
#include "support/Launch.h"
#include "support/Tensors.h"

#include <memory>

namespace attn::tools {

class LengthTrial {
public:
  static Result<std::unique_ptr<LengthTrial>> make(const Machine &machine, const Kind &kind, const Point &point);

  /// Launches on an output full of NaN and judges a sample of rows: empty where right, else a sentence. An error is a fault
  /// of the GPU, after which nothing more can be done.
  Result<std::string> judge(const Kernel &kernel) const;
  /// TFLOP/s over a stream of launches of about that long.
  Result<double> rate(const Kernel &kernel, double milliseconds) const;

  int64_t length() const { return problem.kvLength; }

private:
  LengthTrial(RunTensors tensors, LaunchMemory memory) : tensors(std::move(tensors)), memory(std::move(memory)) {}

  reference::Problem problem;
  RunTensors tensors;
  LaunchMemory memory;
  reference::Expectation expected;
  double operations = 0;
};

} // namespace attn::tools

#endif // ATTN_TOOLS_ATTN_TUNE_TRIALS_H
