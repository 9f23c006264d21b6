// Launches, times, comparison.
#include "Run.h"

#include "support/Shapes.h"

#include "support/Watchdog.h"

#include <algorithm>
#include <cstdio>
#include <unistd.h>

namespace attn::tools {

/// Multiply-adds that the oracle may spend: a few seconds.
constexpr int64_t oracleWork = 400'000'000;
/// Seconds after which a launch on a GPU has hung. A CPU gets all the time it wants.
constexpr unsigned gpuSeconds = 60;
/// Launches, and the milliseconds for them, where --repeat does not say.
constexpr unsigned defaultRepeats = 10;
constexpr double defaultBudget = 3000;

Error launchAndTime(const Options &options, const Machine &machine, const JitKernel &jit, const RunTensors &tensors,
                RunReport &report) {
  Result<LaunchMemory> memory = LaunchMemory::make(machine, tensors.hostTensors());
  if (!memory)
    return memory.error();
  WatchedStep step("launching " + options.spec + " on " + machine.target(), machine.gpu() ? gpuSeconds : 0);
  if (Error error = memory->launch(jit.kernel); error.status != Status::Ok)
    return error;
  for (size_t i = 3; i != tensors.count(); ++i)
    if (Error error = memory->download(i); error.status != Status::Ok)
      return error;
  unsigned repeats = options.repeat ? options.repeat : defaultRepeats;
  Result<std::vector<double>> times = memory->time(jit.kernel, repeats, options.repeat ? 0 : defaultBudget);
  if (!times)
    return times.error();
  std::sort(times->begin(), times->end());
  report.launches = times->size();
  report.fastestMilliseconds = times->front();
  report.runMilliseconds = (*times)[times->size() / 2];
  double flops = 2 * allowedPairs(report.problem) * static_cast<double>(report.problem.headDim + report.problem.valueDim);
  report.teraflops = report.runMilliseconds > 0 ? flops / report.runMilliseconds / 1e9 : 0;
  return {};
}

void checkResult(const Options &options, const RunTensors &tensors, RunReport &report) {
  std::vector<reference::Row> rows = reference::sampleRows(report.problem, oracleWork, options.seed);
  if (report.problem.batch * report.problem.queryHeads * report.problem.queryLength == 0)
    rows.clear();
  if (isatty(STDERR_FILENO))
    std::fprintf(stderr, "attn-run: checking %zu rows\n", rows.size());
  report.rowsChecked = rows.size();
  auto expected = reference::expectationOf(report.problem, tensors.view(0), tensors.view(1), tensors.view(2), rows);
  report.verdict = reference::judgeValues(expected, report.problem.type, tensors.view(3),
                                          report.hasLse ? &tensors.view(4) : nullptr);
  // Rows that were not compared must at least have been written.
  if (int index = tensors.unwrittenOutput(); *report.verdict && index >= 0 && tensors.inputsAreFinite())
    report.verdict->failure = std::string("expects every element of the ") +
                              (index == 3 ? "output" : "log-sum-exp") + " to be written, got NaN in some";
}

} // namespace attn::tools
