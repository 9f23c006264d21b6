// The work of attn-check: threads take specs in order; compilations and the oracle run side by side, launches on a GPU one
// at a time.
#include "Campaign.h"

#include "support/Watchdog.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <mutex>
#include <thread>

namespace attn::tools {
namespace {

using Clock = std::chrono::steady_clock;

/// What came of one spec.
struct Outcome {
  reference::Spec spec;
  std::string plan; ///< or empty: the chosen one
  reference::Verdict verdict;
  double compileMilliseconds = 0;
};

HostTensor hostTensor(const reference::GuardedTensor &tensor, int32_t rank) {
  reference::TensorView view = tensor.view();
  HostTensor host;
  host.memory = tensor.memory();
  host.bytes = tensor.memoryBytes();
  host.offset = tensor.offsetBytes();
  host.type = static_cast<attnElementType>(view.type);
  host.rank = rank;
  std::copy(view.shape, view.shape + 4, host.shape);
  std::copy(view.strides, view.strides + 4, host.strides);
  return host;
}

/// The bytes of a tensor's memory, guards included.
std::vector<char> bytesOf(const HostTensor &tensor) {
  auto *bytes = static_cast<const char *>(tensor.memory);
  return {bytes, bytes + tensor.bytes};
}

/// The memory is only read.
HostTensor hostTensor(const std::vector<int32_t> &numbers) {
  HostTensor host;
  host.memory = const_cast<int32_t *>(numbers.data());
  host.bytes = numbers.size() * sizeof(int32_t);
  host.type = ATTN_I32;
  host.rank = 1;
  host.shape[0] = static_cast<int64_t>(numbers.size());
  host.strides[0] = 1;
  return host;
}

/// Whether every query tile of a batch visits the same keys, as blocks of a cluster have to.
bool visitsAllKeys(const reference::Problem &problem) {
  const reference::Causality &causality = problem.causality;
  bool banded = causality.kind != reference::CausalityKind::None || causality.left || causality.right;
  bool masked = problem.mask || problem.prefix || problem.chunk || problem.document;
  return !banded && !masked && problem.queryOffsets.empty() && problem.kvOffsets.empty() && problem.kvLengths.empty() &&
         problem.queryLengths.empty();
}

bool fits(const compiler::TablePlan &plan, const reference::Problem &problem) {
  return plan.fits(problem.headDim, problem.valueDim, problem.queryHeads / problem.kvHeads) &&
         (!plan.clusters || visitsAllKeys(problem)) && (plan.shape.packedHeads == 1 || !problem.maskReadsHead);
}

class Campaign {
public:
  Campaign(const Machine &machine, const CampaignOptions &options) : machine(machine), options(options), specs(options) {}

  Record run() {
    record.hardware = options.compileOnly ? "not run" : machine.hardware();
    std::vector<std::thread> threads;
    for (unsigned i = 1; i < options.jobs; ++i)
      threads.emplace_back([this] { work(); });
    work();
    for (std::thread &thread : threads)
      thread.join();
    record.seconds = std::chrono::duration<double>(Clock::now() - begin).count();
    std::sort(record.failures.begin(), record.failures.end(),
              [](const Failure &a, const Failure &b) { return a.index < b.index; });
    return std::move(record);
  }

private:
  void work() {
    for (;;) {
      uint64_t index;
      {
        std::lock_guard<std::mutex> lock(mutex);
        if (next == options.count)
          return;
        index = options.first + next++;
      }
      reference::Spec spec = specs.at(index);
      std::vector<std::string> plans;
      for (const compiler::TablePlan &plan : options.plans)
        if (fits(plan, spec.problem))
          plans.push_back(plan.text);
      if (options.plans.empty())
        plans.emplace_back();
      for (const std::string &plan : plans)
        if (!stopped())
          tryAndKeep(spec, plan);
    }
  }

  void tryAndKeep(const reference::Spec &spec, const std::string &plan) {
    Outcome outcome;
    outcome.spec = spec;
    outcome.plan = plan;
    Error error = tryOne(outcome);
    outcome.verdict.failure += error.message;
    keep(outcome);
    if (error.status == Status::DriverError && machine.gpu())
      stop();
  }

  bool stopped() {
    std::lock_guard<std::mutex> lock(mutex);
    return faulted;
  }

  /// After a fault of a kernel the GPU's context is of no more use to this process.
  void stop() {
    std::lock_guard<std::mutex> lock(mutex);
    next = options.count;
    faulted = true;
    std::fprintf(stderr, "attn-check: the GPU reported a fault, so the rest is not checked\n");
  }

  /// Compiles, launches, judges. An error is as much a failure as a wrong value.
  Error tryOne(Outcome &outcome) {
    compiler::CompileOptions compileOptions;
    compileOptions.target = options.target;
    compileOptions.ptxasPath = options.ptxas;
    compileOptions.cpu = options.cpu;
    compileOptions.plan = outcome.plan;
    Clock::time_point start = Clock::now();
    Result<compiler::CompileOutput> image = [&] {
      WatchedStep step("compiling " + outcome.spec.summary() + " " + outcome.plan + "\n  " + reproducerOf(options, outcome.spec.index),
                       options.seconds);
      return compiler::compile(outcome.spec.text, compileOptions);
    }();
    if (!image)
      return image.error();
    outcome.compileMilliseconds = std::chrono::duration<double, std::milli>(Clock::now() - start).count();
    if (options.compileOnly)
      return {};
    reference::Trial trial(outcome.spec);
    if (Error error = launch(outcome.spec, image->bytes, trial); error.status != Status::Ok)
      return error;
    outcome.verdict = trial.judge();
    return {};
  }

  /// Launches again on outputs as they were, which must come out the same, bit for bit.
  Error repeat(const LaunchMemory &memory, const Kernel &kernel, const std::vector<HostTensor> &tensors, size_t firstOutput,
               const std::vector<std::vector<char>> &before) {
    std::vector<std::vector<char>> first;
    for (size_t i = firstOutput; i != tensors.size(); ++i)
      first.push_back(bytesOf(tensors[i]));
    for (unsigned round = 0; round != options.repeats; ++round) {
      for (size_t i = firstOutput; i != tensors.size(); ++i) {
        std::copy(before[i - firstOutput].begin(), before[i - firstOutput].end(), static_cast<char *>(tensors[i].memory));
        if (Error error = memory.upload(i); error.status != Status::Ok)
          return error;
      }
      if (Error error = memory.launch(kernel); error.status != Status::Ok)
        return error;
      for (size_t i = firstOutput; i != tensors.size(); ++i) {
        if (Error error = memory.download(i); error.status != Status::Ok)
          return error;
        if (bytesOf(tensors[i]) != first[i - firstOutput])
          return {Status::CompileFailed, "expects launch " + std::to_string(round + 2) +
                                             " to give the first one's result bit for bit, got another one"};
      }
    }
    std::lock_guard<std::mutex> lock(mutex);
    record.repeats += options.repeats;
    return {};
  }

  Error launch(const reference::Spec &spec, const std::vector<uint8_t> &image, const reference::Trial &trial) {
    std::unique_lock<std::mutex> turn(gpuMutex, std::defer_lock);
    if (machine.gpu())
      turn.lock();
    WatchedStep step("launching " + spec.summary() + "\n  " + reproducerOf(options, spec.index), options.seconds);
    Result<Kernel> kernel = Kernel::load(image);
    if (!kernel)
      return kernel.error();
    std::vector<HostTensor> tensors = {hostTensor(trial.query, 4), hostTensor(trial.key, 4), hostTensor(trial.value, 4)};
    if (spec.documents) {
      tensors.push_back(hostTensor(*spec.documents));
      tensors.back().rank = 2;
      tensors.back().shape[0] = spec.problem.batch, tensors.back().shape[1] = spec.documentsLength;
      tensors.back().strides[0] = spec.documentsLength, tensors.back().strides[1] = 1;
    }
    for (size_t i = 0; i != trial.captures.size(); ++i)
      tensors.push_back(hostTensor(trial.captures[i], spec.captures[i].rank));
    for (const auto *numbers : {&trial.queryLengths, &trial.kvLengths, &trial.queryOffsets, &trial.kvOffsets})
      if (!numbers->empty())
        tensors.push_back(hostTensor(*numbers));
    size_t firstOutput = tensors.size();
    tensors.push_back(hostTensor(trial.output, 4));
    if (trial.wantsLse)
      tensors.push_back(hostTensor(trial.lse, 3));
    std::vector<std::vector<char>> before;
    for (size_t i = firstOutput; i != tensors.size() && options.repeats; ++i)
      before.push_back(bytesOf(tensors[i]));
    Result<LaunchMemory> memory = LaunchMemory::make(machine, tensors);
    if (!memory)
      return memory.error();
    if (Error error = memory->launch(*kernel); error.status != Status::Ok)
      return error;
    // The inputs too: a kernel that writes to them is caught.
    for (size_t i = 0; i != tensors.size(); ++i)
      if (Error error = memory->download(i); error.status != Status::Ok)
        return error;
    return options.repeats ? repeat(*memory, *kernel, tensors, firstOutput, before) : Error();
  }

  void keep(const Outcome &outcome) {
    std::lock_guard<std::mutex> lock(mutex);
    const reference::Spec &spec = outcome.spec;
    const reference::Verdict &verdict = outcome.verdict;
    ++record.checked;
    if (!outcome.plan.empty())
      ++record.byPlan[outcome.plan];
    record.right += static_cast<bool>(verdict);
    ++record.byType[typeName(spec.problem.type)];
    ++record.byHeadDim[std::to_string(spec.problem.headDim) + "/" + std::to_string(spec.problem.valueDim)];
    bool window = spec.problem.causality.left || spec.problem.causality.right;
    ++record.byCausality[kindName(spec.problem.causality.kind) + std::string(window ? "+window" : "")];
    if (outcome.compileMilliseconds > 0)
      record.compileMilliseconds.push_back(outcome.compileMilliseconds);
    if (verdict.outputRatio > record.worstRatio || record.worstSpec.empty()) {
      record.worstRatio = verdict.outputRatio;
      record.worstSpec = spec.summary();
    }
    record.worstLseRatio = std::max(record.worstLseRatio, verdict.lseRatio);
    if (!verdict) {
      std::string what = spec.summary() + (outcome.plan.empty() ? "" : ", " + outcome.plan);
      record.failures.push_back({spec.index, reproducerOf(options, spec.index), what, verdict.failure});
      std::fprintf(stderr, "FAILED %s\n  %s\n  %s\n", record.failures.back().reproducer.c_str(),
                   what.c_str(), verdict.failure.c_str());
    } else if (options.verbose) {
      std::fprintf(stderr, "right  %s, error ratio %.3g, worst at %s\n", spec.summary().c_str(), verdict.outputRatio,
                   verdict.output.worst().c_str());
    }
    showProgress();
  }

  /// A line now and then, for runs that take long.
  void showProgress() {
    if (Clock::now() - shown < std::chrono::seconds(5) || (options.plans.empty() && record.checked == options.count))
      return;
    shown = Clock::now();
    std::fprintf(stderr, "attn-check: %llu of %llu specs, %llu kernels, %zu wrong, %.0f s\n", static_cast<unsigned long long>(next),
                 static_cast<unsigned long long>(options.count), static_cast<unsigned long long>(record.checked),
                 record.failures.size(), std::chrono::duration<double>(shown - begin).count());
  }

  const Machine &machine;
  const CampaignOptions &options;
  const SpecList specs;
  std::mutex mutex, gpuMutex; ///< of everything below; of the GPU
  uint64_t next = 0;
  bool faulted = false;
  Record record;
  Clock::time_point begin = Clock::now(), shown = begin;
};

} // namespace

SpecList::SpecList(const CampaignOptions &options) : pairs(options.pairs) {
  generator.seed = options.seed;
  generator.f32 = options.target == "cpu";
  generator.clauses = options.clauses;
  generator.regions = options.regions;
  generator.ragged = options.ragged;
  if (pairs)
    rows = reference::pairRows(generator.f32, generator.seed);
}

reference::Spec SpecList::at(uint64_t index) const {
  return pairs ? reference::pairSpec(rows[index], generator.seed, index) : reference::SpecGenerator(generator).at(index);
}

uint64_t SpecList::size() const { return pairs ? rows.size() : UINT64_MAX; }

std::string reproducerOf(const CampaignOptions &options, uint64_t index) {
  std::string cpu = options.cpu == "host" ? "" : " --cpu=" + options.cpu;
  return "attn-check --target=" + options.target + cpu + (options.pairs ? " --pairs" : "") + (options.clauses ? " --clauses" : "") +
         (options.regions ? " --regions" : "") + (options.ragged ? " --ragged" : "") + options.plansFlag +
         (options.repeats ? " --repeats=" + std::to_string(options.repeats) : "") + " --seed=" + std::to_string(options.seed) +
         " --index=" + std::to_string(index);
}

Record runCampaign(const Machine &machine, const CampaignOptions &options) { return Campaign(machine, options).run(); }

} // namespace attn::tools
