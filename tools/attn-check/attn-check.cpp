// attn-check: random specs against the oracle, on the CPU or a GPU. Each is compiled, launched on tensors between NaNs with
// outputs full of NaN, and judged. A failure prints the command that repeats it. Exit code 0: all right, 1: some wrong,
// 2: bad input, 3: a step never ended.
#include "Campaign.h"
#include "Support.h"

#include "support/Flags.h"
#include "support/Watchdog.h"

#include <cstdio>
#include <thread>

using namespace attn;
using namespace attn::tools;

static int fail(const Error &error) {
  std::fprintf(stderr, "attn-check: error: %s\n", error.message.c_str());
  return exitCode(error);
}

/// The plans of a table's file, or where there is no file those of the compiler's own table and a sample of the plan space. The
/// CPU has no table.
static Error readPlans(const std::string &file, CampaignOptions &options) {
  options.plansFlag = file.empty() ? " --every-plan" : " --plan-table=" + file;
  if (options.target == "cpu") {
    if (!file.empty())
      return {Status::InvalidArgument, "--plan-table, expects a GPU's target, got cpu"};
    options.plans = compiler::plansOfSpace("cpu");
    return {};
  }
  std::string text;
  if (Error error = readPlanTable(file, text); error.status != Status::Ok)
    return error;
  Result<std::vector<compiler::TablePlan>> plans = compiler::plansOfTable(text);
  if (!plans)
    return plans.error();
  options.plans = std::move(*plans);
  if (file.empty())
    for (compiler::TablePlan &plan : compiler::plansOfSpace(options.target))
      options.plans.push_back(std::move(plan));
  if (options.plans.empty())
    return {Status::InvalidArgument, "--plan-table, expects a table with plans, got one without"};
  return {};
}

int main(int argc, char **argv) {
  CampaignOptions options;
  std::string json, index, table;
  bool everyPlan = false;
  unsigned count = 500, seed = 1;
  bool printText = false, support = false;
  Flags flags("attn-check", "checks random specs against attention in double precision");
  flags.value("--target", &options.target, "TARGET", "cpu (default), sm_90a, or auto: the GPU if there is one");
  flags.value("--cpu", &options.cpu, "LEVEL", "host (default), plain, avx2, avx512 or avx512bf16: what CPU code may use");
  flags.number("--count", &count, "N", "how many specs (default 500)");
  flags.number("--seed", &seed, "N", "of the list of specs (default 1)");
  flags.value("--index", &index, "I", "only this spec of the list");
  flags.value("--json", &json, "FILE", "write a record; - for standard output");
  flags.number("--jobs", &options.jobs, "N", "specs at a time (default: one a processor)");
  flags.number("--timeout", &options.seconds, "S", "seconds for a compilation or a launch (default 120)");
  flags.toggle("--every-plan", &everyPlan, "check each spec with every plan that fits it, of the compiler's table and a sample of all");
  flags.value("--plan-table", &table, "FILE", "check each spec with every plan of this table that fits it");
  flags.number("--repeats", &options.repeats, "N", "launch each spec so often again and compare bit for bit");
  flags.value("--ptxas", &options.ptxas, "PATH", "the ptxas to use");
  flags.toggle("--compile-only", &options.compileOnly, "launch nothing; needs no GPU for --target=sm_90a");
  flags.toggle("--clauses", &options.clauses, "specs with softcap, ALiBi, bias, prefix, chunks, documents, sinks and dropout too");
  flags.toggle("--regions", &options.regions, "specs with score and mask regions too");
  flags.toggle("--ragged", &options.ragged, "specs of padded and packed sequences");
  flags.toggle("--pairs", &options.pairs, "a spec for each row of a covering array of all features, not random specs");
  flags.toggle("--verbose", &options.verbose, "a line for each spec");
  flags.toggle("--print", &printText, "print the text of the spec of --index instead of checking it");
  flags.toggle("--support", &support, "print what compiles and what is refused, as docs/support.md has it");
  options.jobs = 0;
  if (Error error = flags.parse(argc, argv); error.status != Status::Ok)
    return fail(error);
  if (flags.wantsHelp) {
    std::fputs(flags.help().c_str(), stdout);
    return Right;
  }
  options.seed = seed;
  options.count = count;
  if (options.jobs == 0)
    options.jobs = std::max(1u, std::thread::hardware_concurrency());
  if (options.jobs > 256)
    return fail({Status::InvalidArgument, "--jobs, expects at most 256, got " + std::to_string(options.jobs)});
  if (support) {
    std::fputs(supportPage(options.ptxas, options.jobs).c_str(), stdout);
    return Right;
  }
  if (!index.empty()) {
    size_t digits = index.find_first_not_of("0123456789");
    if (digits != index.npos || index.size() > 18)
      return fail({Status::InvalidArgument, "--index, expects a whole number, got '" + index + "'"});
    options.first = std::stoull(index);
    options.count = options.jobs = 1;
  }
  if (options.compileOnly && options.target != "cpu" && options.target != "sm_90a")
    return fail({Status::InvalidArgument, "--target, expects cpu or sm_90a with --compile-only, got '" + options.target + "'"});
  Result<Machine> machine = Machine::open(options.compileOnly ? "cpu" : options.target);
  if (!machine)
    return fail(machine.error());
  if (!options.compileOnly)
    options.target = machine->target();
  if (everyPlan || !table.empty())
    if (Error error = readPlans(table, options); error.status != Status::Ok)
      return fail(error);
  SpecList specs(options);
  if (options.first >= specs.size())
    return fail({Status::InvalidArgument, "--index, expects less than " + std::to_string(specs.size()) + ", got " + index});
  options.count = std::min(options.count, specs.size());
  if (printText) {
    std::fputs(specs.at(options.first).text.c_str(), stdout);
    return Right;
  }

  startWatchdog("attn-check");
  installCpuLoader();
  Record record = runCampaign(*machine, options);
  if (json != "-")
    std::fputs(record.summary(options).c_str(), stdout);
  if (!json.empty()) {
    std::string text = record.json(options);
    if (Error error = writeBytes(json, text.data(), text.size()); error.status != Status::Ok)
      return fail(error);
  }
  return record.failures.empty() ? Right : Wrong;
}
