// attn-tune: searches the plan space on the GPU at hand, for a spec at given shapes or for kinds of kernels, and writes a plan
// table, which attn-compile, attn-run and the libraries take, or the compiler as its own (lib/Transforms/Plans). Candidates are
// ranked by the cost model, compiled ahead on all processors, held against the oracle, and timed in turns. Exit code 0: a table
// was written, 1: a fault, or no plan in time, 2: bad input, 3: a kernel never ended; the table then holds the kinds before it.
#include "Tuner.h"

#include "support/Flags.h"
#include "support/Watchdog.h"

#include <cstdio>
#include <ctime>
#include <sched.h>

using namespace attn;
using namespace attn::tools;

namespace {

struct Given {
  std::string spec, dims = "64,128,256", masks = "all,causal", types = "bf16", groups = "1", lengths = "512,1024,2048,8192,16384";
  std::string space = defaultSpace, output;
  std::vector<std::string> shapes;
  unsigned window = 1024, seconds = 240, jobs = 0;
  bool dryRun = false;
};

int fail(const Error &error) {
  std::fprintf(stderr, "attn-tune: error: %s\n", error.message.c_str());
  return exitCode(error);
}

void declare(Flags &flags, Given &given, TuneOptions &options) {
  flags.file(&given.spec, "SPEC", "a spec to find plans for; without one, kinds of kernels are", /*required=*/false);
  flags.list("--shape", &given.shapes, "q=BxHxSxD ...", "shapes to time the spec at, each from a q= on; lengths of an entry");
  flags.value("--out", &given.output, "FILE", "where the table goes");
  flags.number("--time", &given.seconds, "SECONDS", "bound on the search (default 240)");
  flags.toggle("--dry-run", &given.dryRun, "print the plans that would be tried, with the model's rank; needs no GPU");
  flags.value("--head-dims", &given.dims, "LIST", "kinds: head dimensions, of v behind a slash (default 64,128,256)");
  flags.value("--masks", &given.masks, "LIST", "kinds: all, causal, window (default all,causal)");
  flags.number("--window", &given.window, "N", "kinds: keys of a window (default 1024)");
  flags.value("--types", &given.types, "LIST", "kinds: bf16, f16 (default bf16)");
  flags.value("--groups", &given.groups, "LIST", "kinds: query heads of a key/value head (default 1)");
  flags.value("--lengths", &given.lengths, "LIST", "kinds: queries and keys (default 512,1024,2048,8192,16384)");
  flags.value("--space", &given.space, "FIELDS", std::string("values to try (default '") + defaultSpace + "')");
  flags.number("--tiles", &options.limits.tiles, "N", "tiles to try of those that the cost model ranks (default 12)");
  flags.number("--switched", &options.limits.switched, "N", "of those, to try with each switch turned (default 4)");
  flags.number("--finalists", &options.finalists, "N", "plans of each length to time at length (default 4)");
  flags.number("--rounds", &options.rounds, "N", "rounds of those (default 5)");
  flags.number("--jobs", &given.jobs, "N", "compilations at a time (default: one a processor)");
  flags.value("--ptxas", &options.ptxas, "PATH", "the ptxas to use");
  flags.toggle("--verbose", &options.verbose, "say which plans do not compile, and why");
}

Result<std::vector<Kind>> kindsOf(const Given &given) {
  if (given.spec.empty()) {
    if (!given.shapes.empty())
      return Error{Status::InvalidArgument, "--shape, expects a spec"};
    Result<std::vector<int64_t>> lengths = parseLengths(given.lengths);
    if (!lengths)
      return lengths.error();
    return parseKinds(given.dims, given.masks, given.types, given.groups, given.window, *lengths);
  }
  Result<std::string> text = readText(given.spec);
  if (!text)
    return text.error();
  Result<Kind> kind = kindOfSpec(*text, given.spec == "-" ? "<stdin>" : given.spec, given.shapes);
  if (!kind)
    return kind.error();
  return std::vector<Kind>{*kind};
}

/// Prints what would be tried.
int rank(const std::vector<Kind> &kinds, const TuneOptions &options) {
  for (const Kind &kind : kinds) {
    Result<std::string> usual = usualPlan(kind);
    if (!usual)
      return fail(usual.error());
    for (const Candidate &candidate : rankPlans(kind, *usual, options.space, options.limits))
      std::printf("%s %.3f %s\n", kind.name().c_str(), candidate.rate, candidate.plan.c_str());
  }
  return Right;
}

std::string today() {
  std::time_t now = std::time(nullptr);
  char text[16] = "";
  std::strftime(text, sizeof text, "%Y-%m-%d", std::gmtime(&now));
  return text;
}

void report(const Kind &kind, const Found &found) {
  std::printf("%s: %u plans, %u do not compile, %u wrong%s\n", kind.name().c_str(), found.tried, found.refused, found.wrong,
              !found.timeWasUp ? "" : found.entries.empty() ? "; the time was up" : "; the time was up, so with fewer rounds");
  for (const Entry &entry : found.entries)
    if (entry.length)
      std::printf("  %6lld: %.1f TFLOP/s (%.1f before) %s\n", static_cast<long long>(entry.length), entry.rate,
                  entry.usualRate, entry.plan.c_str());
  std::fflush(stdout);
}

int search(const std::vector<Kind> &kinds, const Given &given, TuneOptions options, TableHead head) {
  Result<Machine> machine = Machine::open("sm_90a");
  if (!machine)
    return fail(machine.error());
  head.hardware = machine->hardware();
  head.producer = compiler::producerName();
  head.date = today();
  using Clock = std::chrono::steady_clock;
  Clock::time_point end = Clock::now() + std::chrono::seconds(given.seconds);
  std::vector<Entry> entries;
  for (size_t i = 0; i != kinds.size(); ++i) {
    // What a kind leaves of its share goes to those behind it.
    options.deadline = Clock::now() + (end - Clock::now()) / static_cast<int>(kinds.size() - i);
    Result<Found> found = tune(*machine, kinds[i], options);
    if (!found)
      return fail(found.error());
    report(kinds[i], *found);
    entries.insert(entries.end(), found->entries.begin(), found->entries.end());
    head.timeWasUp |= found->entries.empty();
    // After each kind, so that a later one that hangs takes nothing away.
    std::string text = tableText(head, entries);
    if (Error error = writeBytes(given.output, text.data(), text.size()); error.status != Status::Ok)
      return fail(error);
  }
  return entries.empty() ? fail({Status::CompileFailed, "no plan was right in time"}) : Right;
}

} // namespace

int main(int argc, char **argv) {
  Given given;
  TuneOptions options;
  Flags flags("attn-tune", "searches plans on the GPU at hand and writes a plan table");
  declare(flags, given, options);
  if (Error error = flags.parse(argc, argv); error.status != Status::Ok)
    return fail(error);
  if (flags.wantsHelp) {
    std::fputs(flags.help().c_str(), stdout);
    return Right;
  }
  Result<std::vector<Kind>> kinds = kindsOf(given);
  if (!kinds)
    return fail(kinds.error());
  Result<std::vector<Field>> space = parseSpace(given.space);
  if (!space)
    return fail(space.error());
  if (options.rounds == 0 || options.limits.tiles == 0 || options.finalists == 0)
    return fail({Status::InvalidArgument, "--rounds, --tiles and --finalists, expect at least 1"});
  options.space = *space;
  if (given.dryRun)
    return rank(*kinds, options);
  if (given.output.empty())
    return fail({Status::InvalidArgument, "--out, expects a file for the table"});
  cpu_set_t processors;
  bool known = sched_getaffinity(0, sizeof processors, &processors) == 0;
  options.jobs = given.jobs ? given.jobs : known ? static_cast<unsigned>(CPU_COUNT(&processors)) : 1;
  TableHead head;
  for (int i = 0; i != argc; ++i)
    head.command += (i ? " " : "") + std::string(i ? argv[i] : "attn-tune");
  startWatchdog("attn-tune");
  return search(*kinds, given, options, head);
}
