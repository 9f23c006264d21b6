// Tensors, oracle, launches.
#include "Trials.h"

#include "support/Shapes.h"
#include "support/Watchdog.h"

#include "attn/Compiler/Describe.h"

#include <algorithm>
#include <cmath>

namespace attn::tools {

/// Multiply-adds that the oracle may spend on a length: about a second.
constexpr int64_t oracleWork = 50'000'000;
/// Seconds after which a launch has hung.
constexpr unsigned launchSeconds = 30;
constexpr uint64_t seed = 1;

Result<std::unique_ptr<LengthTrial>> LengthTrial::make(const Machine &machine, const Kind &kind, const Point &point) {
  Result<compiler::SpecFacts> facts = compiler::describe(kind.spec());
  if (!facts)
    return facts.error();
  Result<reference::Problem> problem = resolveShapes(*facts, point.shapes, nullptr);
  if (!problem)
    return problem.error();
  Result<RunTensors> tensors = RunTensors::make(*problem, facts->hasLse);
  if (!tensors)
    return tensors.error();
  tensors->fillInputs(seed);
  Result<LaunchMemory> memory = LaunchMemory::make(machine, tensors->hostTensors());
  if (!memory)
    return memory.error();
  std::unique_ptr<LengthTrial> trial(new LengthTrial(std::move(*tensors), std::move(*memory)));
  trial->problem = *problem;
  std::vector<reference::Row> rows = reference::sampleRows(*problem, oracleWork, seed);
  trial->expected = reference::expectationOf(*problem, trial->tensors.view(0), trial->tensors.view(1),
                                             trial->tensors.view(2), rows);
  trial->operations = 2 * allowedPairs(*problem) * static_cast<double>(kind.headDim + kind.valueDim);
  return trial;
}

Result<std::string> LengthTrial::judge(const Kernel &kernel) const {
  WatchedStep step("launching a candidate", launchSeconds);
  if (Error error = memory.poison(3); error.status != Status::Ok)
    return error;
  if (Error error = memory.launch(kernel); error.status != Status::Ok)
    return error.status == Status::DriverError ? Result<std::string>(error) : Result<std::string>(error.message);
  if (Error error = memory.download(3); error.status != Status::Ok)
    return error;
  reference::Verdict verdict = reference::judgeValues(expected, problem.type, tensors.view(3), nullptr);
  if (verdict && tensors.unwrittenOutput() >= 0)
    return std::string("expects every element of the output to be written, got NaN in some");
  return verdict.failure;
}

Result<double> LengthTrial::rate(const Kernel &kernel, double milliseconds) const {
  WatchedStep step("timing a candidate", launchSeconds);
  Result<double> once = memory.timeStream(kernel, 2);
  if (!once)
    return once.error();
  auto count = static_cast<unsigned>(std::clamp(std::ceil(milliseconds / std::max(*once, 1e-3)), 2.0, 1e4));
  Result<double> taken = memory.timeStream(kernel, count);
  if (!taken)
    return taken.error();
  return operations / std::max(*taken, 1e-6) / 1e9;
}

} // namespace attn::tools
