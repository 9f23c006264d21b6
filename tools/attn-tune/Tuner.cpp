// Compilation on all processors, then the GPU alone.
#include "Tuner.h"

#include "support/Watchdog.h"

#include "attn/Compiler/Compiler.h"

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <map>
#include <mutex>
#include <set>
#include <thread>
#include <unistd.h>

namespace attn::tools {
namespace {

using Clock = std::chrono::steady_clock;

/// Seconds after which a compilation has hung.
constexpr unsigned compileSeconds = 120;

/// A bar on a terminal, a line now and then elsewhere.
class Progress {
public:
  Progress(std::string what, size_t total) : what(std::move(what)), total(total), live(isatty(STDERR_FILENO)) {}
  ~Progress() {
    if (live)
      std::fprintf(stderr, "\r\033[K");
  }
  /// Any thread.
  void step() {
    std::lock_guard<std::mutex> lock(mutex);
    size_t now = ++done;
    if (!live && (Clock::now() - shown < std::chrono::seconds(10) || now == total))
      return;
    shown = Clock::now();
    constexpr int width = 30;
    int full = static_cast<int>(width * now / std::max<size_t>(1, total));
    if (live)
      std::fprintf(stderr, "\r\033[Kattn-tune: %s [%.*s%.*s] %zu/%zu", what.c_str(), full,
                   "##############################", width - full, "------------------------------", now, total);
    else
      std::fprintf(stderr, "attn-tune: %s, %zu of %zu\n", what.c_str(), now, total);
  }

private:
  std::string what;
  size_t total;
  bool live;
  std::mutex mutex;
  size_t done = 0;
  Clock::time_point shown = Clock::now();
};

struct Contestant {
  std::string plan;
  std::optional<Kernel> kernel;
  std::string refused; ///< why it takes no part
  std::set<int64_t> judged;                      ///< at these lengths
  std::map<int64_t, double> quick;               ///< TFLOP/s by length
  std::map<int64_t, std::vector<double>> rounds; ///< of the finalists

  bool plays() const { return kernel.has_value() && refused.empty(); }
  double median(int64_t length) const {
    std::vector<double> values = rounds.at(length);
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
  }
};

class Search {
public:
  Search(const Kind &kind, const TuneOptions &options) : kind(kind), options(options) {}

  Result<Found> run(const Machine &machine);

private:
  bool late() const { return Clock::now() > options.deadline; }
  void compileAll();
  Error load();
  Result<bool> isRight(Contestant &contestant, const LengthTrial &trial);
  Error timeQuickly(const LengthTrial &trial);
  Error timeFinalists(const std::vector<std::unique_ptr<LengthTrial>> &trials);
  std::vector<Contestant *> finalists();
  void conclude();

  const Kind &kind;
  const TuneOptions &options;
  std::vector<Contestant> contestants;
  std::vector<std::vector<uint8_t>> images;
  Found found;
};

/// What the assembler says of a kernel that no table may name: registers spilled, or products one after the other.
std::string complaintOf(const std::vector<std::string> &remarks) {
  for (const std::string &remark : remarks)
    if (remark.find("spilled") != remark.npos || remark.find("C75") != remark.npos)
      return remark;
  return "";
}

void Search::compileAll() {
  Progress progress(kind.name() + ": compile", contestants.size());
  std::atomic<size_t> next{0};
  images.resize(contestants.size());
  auto work = [&] {
    for (size_t i; (i = next.fetch_add(1)) < contestants.size(); progress.step()) {
      if (late())
        continue;
      WatchedStep step("compiling " + contestants[i].plan, compileSeconds);
      compiler::CompileOptions compileOptions;
      compileOptions.target = "sm_90a";
      compileOptions.plan = contestants[i].plan;
      compileOptions.ptxasPath = options.ptxas;
      compileOptions.remarks = true;
      Result<compiler::CompileOutput> output = compiler::compile(kind.spec(), compileOptions);
      if (!output)
        contestants[i].refused = output.error().message;
      else if (contestants[i].refused = complaintOf(output->remarks); contestants[i].refused.empty())
        images[i] = std::move(output->bytes);
    }
  };
  std::vector<std::thread> threads;
  for (unsigned i = 1; i < options.jobs; ++i)
    threads.emplace_back(work);
  work();
  for (std::thread &thread : threads)
    thread.join();
}

Error Search::load() {
  for (size_t i = 0; i != contestants.size(); ++i) {
    if (images[i].empty())
      continue;
    Result<Kernel> kernel = Kernel::load(images[i]);
    if (!kernel && kernel.error().status == Status::DriverError)
      return kernel.error();
    if (kernel)
      contestants[i].kernel.emplace(std::move(*kernel));
    else
      contestants[i].refused = kernel.error().message;
  }
  return {};
}

/// Whether a candidate's results at a point are right. A wrong one takes no further part.
Result<bool> Search::isRight(Contestant &contestant, const LengthTrial &trial) {
  if (!contestant.judged.insert(trial.length()).second)
    return true;
  Result<std::string> wrong = trial.judge(*contestant.kernel);
  if (!wrong)
    return Error{wrong.error().status, "plan " + contestant.plan + ": " + wrong.error().message};
  if (wrong->empty())
    return true;
  std::fprintf(stderr, "attn-tune: WRONG %s at %lld keys, %s\n  %s\n", kind.name().c_str(),
               static_cast<long long>(trial.length()), contestant.plan.c_str(), wrong->c_str());
  contestant.refused = *wrong;
  ++found.wrong;
  return false;
}

/// All are judged at the first point; at the others only those whose times count.
Error Search::timeQuickly(const LengthTrial &trial) {
  Progress progress(kind.name() + ": try at " + std::to_string(trial.length()), contestants.size());
  for (Contestant &contestant : contestants) {
    progress.step();
    if (!contestant.plays())
      continue;
    if (late())
      return {};
    if (trial.length() == kind.points.front().length) {
      Result<bool> right = isRight(contestant, trial);
      if (!right)
        return right.error();
      if (!*right)
        continue;
    }
    Result<double> rate = trial.rate(*contestant.kernel, options.quickMilliseconds);
    if (!rate)
      return {rate.error().status, "plan " + contestant.plan + ": " + rate.error().message};
    contestant.quick[trial.length()] = *rate;
  }
  return {};
}

/// The best few at each length, and the usual plan.
std::vector<Contestant *> Search::finalists() {
  std::vector<Contestant *> chosen;
  auto add = [&](Contestant *one) {
    if (one->plays() && std::find(chosen.begin(), chosen.end(), one) == chosen.end())
      chosen.push_back(one);
  };
  add(&contestants.front());
  for (const Point &point : kind.points) {
    std::vector<Contestant *> order;
    for (Contestant &contestant : contestants)
      if (contestant.plays())
        order.push_back(&contestant);
    std::sort(order.begin(), order.end(),
                     [&](Contestant *a, Contestant *b) { return a->quick[point.length] > b->quick[point.length]; });
    for (size_t i = 0; i != std::min<size_t>(order.size(), options.finalists); ++i)
      add(order[i]);
  }
  return chosen;
}

/// Rounds over all points and finalists in turns, so that a drift of clocks meets all alike; the first is a warm-up.
Error Search::timeFinalists(const std::vector<std::unique_ptr<LengthTrial>> &trials) {
  std::vector<Contestant *> chosen = finalists();
  for (const std::unique_ptr<LengthTrial> &trial : trials)
    for (Contestant *contestant : chosen) {
      if (late())
        return {};
      if (contestant->plays())
        if (Result<bool> right = isRight(*contestant, *trial); !right)
          return right.error();
    }
  chosen.erase(std::remove_if(chosen.begin(), chosen.end(), [](Contestant *one) { return !one->plays(); }), chosen.end());
  Progress progress(kind.name() + ": time", chosen.size() * trials.size() * (options.rounds + 1));
  for (unsigned round = 0; round <= options.rounds; ++round)
    for (const std::unique_ptr<LengthTrial> &trial : trials)
      for (Contestant *contestant : chosen) {
        if (late())
          return {};
        Result<double> rate = trial->rate(*contestant->kernel, options.roundMilliseconds);
        if (!rate)
          return {rate.error().status, "plan " + contestant->plan + ": " + rate.error().message};
        if (round > 0)
          contestant->rounds[trial->length()].push_back(*rate);
        progress.step();
      }
  return {};
}

/// The best plan at each length, and the one that is best on average, by medians over whole rounds.
void Search::conclude() {
  std::vector<Contestant *> timed;
  size_t rounds = options.rounds;
  for (Contestant &contestant : contestants)
    if (contestant.plays() && !contestant.rounds.empty()) {
      timed.push_back(&contestant);
      for (const Point &point : kind.points)
        rounds = std::min(rounds, contestant.rounds[point.length].size());
    }
  if (timed.empty() || rounds == 0)
    return;
  for (Contestant *contestant : timed)
    for (auto &[length, rates] : contestant->rounds)
      rates.resize(rounds);
  Contestant *usual = timed.front() == &contestants.front() ? timed.front() : nullptr;
  std::map<Contestant *, double> shares;
  for (const Point &point : kind.points) {
    Contestant *best = *std::max_element(timed.begin(), timed.end(), [&](Contestant *a, Contestant *b) {
      return a->median(point.length) < b->median(point.length);
    });
    double rate = best->median(point.length);
    found.entries.push_back({kind, point.length, best->plan, rate, usual ? usual->median(point.length) : 0});
    for (Contestant *contestant : timed)
      shares[contestant] += contestant->median(point.length) / rate / static_cast<double>(kind.points.size());
  }
  Contestant *best = *std::max_element(timed.begin(), timed.end(),
                                       [&](Contestant *a, Contestant *b) { return shares[a] < shares[b]; });
  found.entries.push_back({kind, 0, best->plan, shares[best], usual ? shares[usual] : 0});
}

Result<Found> Search::run(const Machine &machine) {
  Result<std::string> usual = usualPlan(kind);
  if (!usual)
    return usual.error();
  for (const Candidate &candidate : rankPlans(kind, *usual, options.space, options.limits))
    contestants.push_back({candidate.plan, std::nullopt, "", {}, {}, {}});
  found.tried = static_cast<unsigned>(contestants.size());
  compileAll();
  if (Error error = load(); error.status != Status::Ok)
    return error;
  for (const Contestant &contestant : contestants) {
    found.refused += !contestant.refused.empty();
    if (options.verbose && !contestant.refused.empty())
      std::fprintf(stderr, "attn-tune: refused %s: %s\n", contestant.plan.c_str(), contestant.refused.c_str());
  }
  std::vector<std::unique_ptr<LengthTrial>> trials;
  for (const Point &point : kind.points) {
    if (late())
      break;
    Result<std::unique_ptr<LengthTrial>> trial = LengthTrial::make(machine, kind, point);
    if (!trial)
      return trial.error();
    if (Error error = timeQuickly(**trial); error.status != Status::Ok)
      return error;
    trials.push_back(std::move(*trial));
  }
  if (!late())
    if (Error error = timeFinalists(trials); error.status != Status::Ok)
      return error;
  found.timeWasUp = late();
  conclude();
  return std::move(found);
}

} // namespace

Result<std::string> usualPlan(const Kind &kind) {
  compiler::CompileOptions options;
  options.target = "sm_90a";
  options.emit = compiler::Emit::Mlir;
  options.stopAfter = "planned";
  options.remarks = true;
  Result<compiler::CompileOutput> output = compiler::compile(kind.spec(), options);
  if (!output)
    return output.error();
  for (const std::string &remark : output->remarks)
    if (size_t begin = remark.find("#tile.plan<"); begin != remark.npos)
      return remark.substr(begin, remark.find('>', begin) + 1 - begin);
  return Error{Status::CompileFailed, "expects a remark with the chosen plan, got none"};
}

Result<Found> tune(const Machine &machine, const Kind &kind, const TuneOptions &options) {
  return Search(kind, options).run(machine);
}

} // namespace attn::tools
