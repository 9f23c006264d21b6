// attn-bench: times the kernel of a spec or of an image on random tensors, beside nothing but itself, and prints one line
// of JSON: median and spread of rounds after a warm-up, TFLOP/s, and their share of a ceiling that is given. What is right
// is attn-run's business. Exit code 0: timed, 1: a fault of ours or of the machine, 2: bad input, 3: a launch never ended.
#include "Bench.h"

#include "support/Flags.h"
#include "support/Shapes.h"
#include "support/Watchdog.h"

#include <cstdio>

using namespace attn;
using namespace attn::tools;

static int fail(const Error &error) {
  // Diagnostics begin with their place in the spec; the rest needs the tool's name.
  bool diagnostic = error.status == Status::InvalidSpec || error.status == Status::Unsupported;
  std::fprintf(stderr, "%s%s\n", diagnostic ? "" : "attn-bench: error: ", error.message.c_str());
  return exitCode(error);
}

static int run(const SubjectOptions &subjectOptions, const BenchOptions &options,
               const std::vector<std::string> &shapes) {
  if (options.rounds == 0)
    return fail({Status::InvalidArgument, "--rounds, expects at least 1, got 0"});
  Result<Subject> subject = Subject::open(subjectOptions);
  if (!subject)
    return fail(subject.error());
  Result<reference::Problem> problem = resolveShapes(subject->facts, shapes, nullptr);
  if (!problem)
    return fail(problem.error());
  if (problem->batch * problem->queryLength == 0)
    return fail({Status::InvalidArgument, "--shape, expects at least one query to time, got none"});
  Result<Timing> timing = timeSubject(*subject, *problem, options);
  if (!timing)
    return fail(timing.error());
  std::fputs(benchJson(subjectOptions.file, *subject, *problem, *timing, options).c_str(), stdout);
  return Right;
}

int main(int argc, char **argv) {
  SubjectOptions subject;
  BenchOptions options;
  std::vector<std::string> shapes;
  Flags flags("attn-bench", "times one kernel and prints one line of JSON");
  flags.file(&subject.file, "FILE", "a spec, docs/spec.md, or an image of attn-compile; - for standard input");
  flags.value("--target", &subject.target, "TARGET", "of a spec: cpu, sm_90a or auto (default): the GPU if there is one");
  flags.list("--shape", &shapes, "q=BxHxSxD ...", "shapes of q, k and v where the spec leaves them open");
  flags.value("--spec", &subject.spec, "SPEC", "the spec of an image: TFLOP/s then count the pairs its causality leaves");
  flags.number("--rounds", &options.rounds, "N", "rounds of launches (default 11)");
  flags.number("--round-ms", &options.roundMilliseconds, "MS", "length of a round, at least one launch (default 100)");
  flags.number("--warm-up-ms", &options.warmUpMilliseconds, "MS", "launches before the first round (default 500)");
  flags.number("--ceiling", &options.ceiling, "TFLOPS", "rate of a matrix product here; the line then has the share of it");
  flags.number("--seed", &options.seed, "N", "of the random inputs (default 1)");
  flags.value("--plan", &subject.plan, "PLAN", "a #tile.plan<...> instead of the chosen one");
  flags.value("--ptxas", &subject.ptxas, "PATH", "the ptxas to use");
  if (Error error = flags.parse(argc, argv); error.status != Status::Ok)
    return fail(error);
  if (flags.wantsHelp) {
    std::fputs(flags.help().c_str(), stdout);
    return Right;
  }
  startWatchdog("attn-bench");
  return run(subject, options, shapes);
}
