// attn-run: compiles a spec (or finds it in the cache), runs it on tensors from a file or on random ones, and compares
// what comes out with the oracle in double precision. Exit code 0: right, 1: wrong, 2: bad input, 3: a kernel never ended.
#include "Run.h"
#include "support/Shapes.h"

#include "support/Flags.h"
#include "support/Watchdog.h"

#include <cstdio>

using namespace attn;
using namespace attn::tools;

namespace {

constexpr const char *tool = "attn-run";

int fail(const Error &error) {
  // Diagnostics begin with their place in the spec; the rest needs the tool's name.
  bool diagnostic = error.status == Status::InvalidSpec || error.status == Status::Unsupported;
  std::fprintf(stderr, "%s%s\n", diagnostic ? "" : "attn-run: error: ", error.message.c_str());
  return exitCode(error);
}

void declare(Flags &flags, Options &options) {
  flags.file(&options.spec, "SPEC", "a spec, docs/spec.md; - for standard input");
  flags.value("--target", &options.target, "TARGET", "cpu, sm_90a or auto (default): the GPU if there is one, else cpu");
  flags.list("--shape", &options.shapes, "q=BxHxSxD ...", "shapes of q, k and v where the spec leaves them open");
  flags.value("--inputs", &options.inputs, "FILE", "a safetensors file with q, k, v and captured c0, c1, ...; else random");
  flags.value("--outputs", &options.outputs, "FILE", "write out and lse to a safetensors file");
  flags.toggle("--check", &options.check, "compare with attention in double precision");
  flags.number("--repeat", &options.repeat, "N", "launches to time (default: 10, or fewer that take 3 s)");
  flags.number("--seed", &options.seed, "N", "of random inputs (default 1)");
  flags.toggle("--json", &options.json, "print one line of JSON; implies --check");
  flags.value("--plan", &options.plan, "PLAN", "a #tile.plan<...> instead of the chosen one");
  flags.value("--plan-table", &options.planTable, "FILE", "plans to look into before the compiler's own");
  flags.number("--length-hint", &options.lengthHint, "N", "keys to plan for where the spec leaves their extent open");
  flags.value("--ptxas", &options.ptxas, "PATH", "the ptxas to use");
}

int run(const Options &options) {
  Result<std::string> text = readText(options.spec);
  if (!text)
    return fail(text.error());
  compiler::CompileOptions compileOptions;
  compileOptions.sourceName = options.spec == "-" ? "<stdin>" : options.spec;
  compileOptions.plan = options.plan;
  compileOptions.ptxasPath = options.ptxas;
  if (Error error = readPlanTable(options.planTable, compileOptions.planTable); error.status != Status::Ok)
    return fail(error);
  Result<compiler::SpecFacts> facts = compiler::describe(*text, compileOptions.sourceName);
  if (!facts)
    return fail(facts.error());
  std::optional<safetensors::File> file;
  if (!options.inputs.empty()) {
    Result<safetensors::File> read = safetensors::read(options.inputs);
    if (!read) {
      bool named = read.error().message.find(options.inputs) != std::string::npos;
      return fail({read.error().status, (named ? "" : "'" + options.inputs + "', ") + read.error().message});
    }
    file = std::move(*read);
  }
  Result<reference::Problem> problem = resolveShapes(*facts, options.shapes, file ? &*file : nullptr);
  if (!problem)
    return fail(problem.error());
  Result<RunTensors> tensors = RunTensors::make(*problem, facts->hasLse);
  if (!tensors)
    return fail(tensors.error());
  if (file)
    if (Error error = tensors->readInputs(*file); error.status != Status::Ok)
      return fail(error);
  Result<Captures> captures = Captures::make(*facts, *problem, file ? &*file : nullptr, options.seed);
  if (!captures)
    return fail(captures.error());
  tensors->captures = std::move(*captures);
  tensors->captures.bindSequences(*facts, *problem);
  tensors->captures.bindRegions(*facts, *problem);
  Result<Machine> machine = Machine::open(options.target);
  if (!machine)
    return fail(machine.error());

  installCpuLoader();
  compileOptions.target = machine->target();
  compileOptions.lengthHint = options.lengthHint;
  compiler::Jit jit;
  Result<JitKernel> kernel = jitKernel(jit, *text, compileOptions);
  if (!kernel)
    return fail(kernel.error());
  if (!file)
    tensors->fillInputs(options.seed);
  RunReport report;
  report.spec = compileOptions.sourceName;
  report.target = machine->target();
  report.hardware = machine->hardware();
  report.problem = *problem;
  report.hasLse = facts->hasLse;
  report.seed = options.seed;
  report.compileMilliseconds = kernel->milliseconds;
  report.fromCache = kernel->fromCache;
  if (Error error = launchAndTime(options, *machine, *kernel, *tensors, report); error.status != Status::Ok)
    return fail(error);
  if (!options.outputs.empty())
    if (Error error = tensors->writeOutputs(options.outputs); error.status != Status::Ok)
      return fail(error);
  if (options.check || options.json)
    checkResult(options, *tensors, report);
  std::fputs((options.json ? report.json() : report.table()).c_str(), stdout);
  return !report.verdict || *report.verdict ? Right : Wrong;
}

} // namespace

int main(int argc, char **argv) {
  Options options;
  Flags flags(tool, "compiles a spec, runs it and compares it with double precision");
  declare(flags, options);
  if (Error error = flags.parse(argc, argv); error.status != Status::Ok)
    return fail(error);
  if (flags.wantsHelp) {
    std::fputs(flags.help().c_str(), stdout);
    return Right;
  }
  startWatchdog(tool);
  return run(options);
}
