// The search for one kind of kernel: compile, check, time quickly, time the best in turns.
#ifndef ATTN_TOOLS_ATTN_TUNE_TUNER_H
#define ATTN_TOOLS_ATTN_TUNE_TUNER_H

#include "Space.h"
#include "Table.h"
#include "Trials.h"

#include <chrono>

namespace attn::tools {

struct TuneOptions {
  std::vector<Field> space;
  Limits limits;
  unsigned finalists = 4, rounds = 5, jobs = 1;
  unsigned quickMilliseconds = 10, roundMilliseconds = 40;
  std::string ptxas;
  std::chrono::steady_clock::time_point deadline;
  bool verbose = false;
};

/// What a search found; no entries where the time was up before a whole round was timed.
struct Found {
  std::vector<Entry> entries;
  unsigned tried = 0, refused = 0, wrong = 0;
  bool timeWasUp = false;
};

/// The plan that the compiler chooses for a kind, by its remark.
Result<std::string> usualPlan(const Kind &kind);

/// An error is a fault of the GPU or of ours; plans that do not compile or are wrong are counted and passed over.
Result<Found> tune(const Machine &machine, const Kind &kind, const TuneOptions &options);

} // namespace attn::tools

#endif // ATTN_TOOLS_ATTN_TUNE_TUNER_H
