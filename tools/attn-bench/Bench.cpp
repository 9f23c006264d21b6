// Rounds and their JSON.
#include "Bench.h"

#include "support/Json.h"
#include "support/Shapes.h"
#include "support/Tensors.h"
#include "support/Watchdog.h"

#include <algorithm>
#include <chrono>
#include <cmath>

namespace attn::tools {

/// Seconds after which a launch has hung on a GPU; a CPU gets all the time it wants.
constexpr unsigned gpuSeconds = 60;

static Result<LaunchMemory> makeMemory(const Subject &subject, reference::Problem &problem, unsigned seed,
                                       std::optional<RunTensors> &tensors) {
  Result<RunTensors> made = RunTensors::make(problem, subject.facts.hasLse);
  if (!made)
    return made.error();
  Result<Captures> captures = Captures::make(subject.facts, problem, nullptr, seed);
  if (!captures)
    return captures.error();
  tensors.emplace(std::move(*made));
  tensors->captures = std::move(*captures);
  tensors->captures.bindSequences(subject.facts, problem);
  tensors->fillInputs(seed);
  return LaunchMemory::make(subject.machine, tensors->hostTensors());
}

Result<Timing> timeSubject(const Subject &subject, reference::Problem &problem, const BenchOptions &options) {
  std::optional<RunTensors> tensors;
  Result<LaunchMemory> memory = makeMemory(subject, problem, options.seed, tensors);
  if (!memory)
    return memory.error();
  Timing timing;
  double milliseconds = 0;
  {
    WatchedStep step("the first launch", subject.machine.gpu() ? gpuSeconds : 0);
    if (Error error = memory->launch(subject.jit.kernel); error.status != Status::Ok)
      return error;
    Result<double> once = memory->timeStream(subject.jit.kernel, 1);
    if (!once)
      return once.error();
    milliseconds = std::max(*once, 1e-3);
  }
  timing.launchesPerRound =
      static_cast<unsigned>(std::clamp(std::ceil(options.roundMilliseconds / milliseconds), 1.0, 1e5));
  // Clocks settle under load alone, so the warm-up is a stream of the same launches.
  auto start = std::chrono::steady_clock::now();
  auto elapsed = [&] {
    return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
  };
  timing.warmUpLaunches = 2;
  while (elapsed() < options.warmUpMilliseconds) {
    Result<double> taken = memory->timeStream(subject.jit.kernel, timing.launchesPerRound);
    if (!taken)
      return taken.error();
    timing.warmUpLaunches += timing.launchesPerRound;
  }
  for (unsigned round = 0; round != options.rounds; ++round) {
    Result<double> taken = memory->timeStream(subject.jit.kernel, timing.launchesPerRound);
    if (!taken)
      return taken.error();
    timing.milliseconds.push_back(*taken);
  }
  std::sort(timing.milliseconds.begin(), timing.milliseconds.end());
  return timing;
}

std::string benchJson(const std::string &name, const Subject &subject, const reference::Problem &p,
                      const Timing &timing, const BenchOptions &options) {
  JsonObject object;
  object.add(subject.isImage ? "image" : "spec", name).add("target", subject.machine.target());
  object.add("hardware", subject.machine.hardware()).add("producer", subject.jit.kernel.info().producer);
  object.add("type", typeName(p.type));
  object.add("q", std::vector<int64_t>{p.queryBatches(), p.queryHeads, p.queryLength, p.headDim});
  object.add("k", std::vector<int64_t>{p.kvBatches(), p.kvHeads, p.kvLength, p.headDim});
  object.add("v", std::vector<int64_t>{p.kvBatches(), p.kvHeads, p.kvLength, p.valueDim});
  if (!subject.isImage)
    object.add("compile_ms", subject.jit.milliseconds).add("from_cache", subject.jit.fromCache);
  object.add("warm_up_launches", static_cast<int64_t>(timing.warmUpLaunches));
  object.add("rounds", static_cast<int64_t>(timing.milliseconds.size()));
  object.add("launches_per_round", static_cast<int64_t>(timing.launchesPerRound));
  object.add("median_ms", timing.median()).add("fastest_ms", timing.milliseconds.front());
  object.add("slowest_ms", timing.milliseconds.back()).add("spread", timing.spread());
  double pairs = allowedPairs(p);
  double tflops = 2 * pairs * static_cast<double>(p.headDim + p.valueDim) / timing.median() / 1e9;
  object.add("pairs", pairs).add("pairs_are", subject.knowsPairs ? "those of the causality and the sequences" : "all, --spec is not given");
  object.add("tflops", tflops);
  if (options.ceiling)
    object.add("ceiling_tflops", static_cast<int64_t>(options.ceiling)).add("share", tflops / options.ceiling);
  return object.text() + "\n";
}

} // namespace attn::tools
