// The two halves of a run: the launches, and the comparison with the oracle.
#ifndef ATTN_TOOLS_ATTN_RUN_RUN_H
#define ATTN_TOOLS_ATTN_RUN_RUN_H

#include "Report.h"
#include "support/Tensors.h"

namespace attn::tools {

struct Options {
  std::string spec, target = "auto", inputs, outputs, plan, planTable, ptxas;
  std::vector<std::string> shapes;
  bool check = false, json = false;
  unsigned repeat = 0, seed = 1, lengthHint = 0;
};

/// Launches once for the result, which it brings back to the host, then for the times in the report.
Error launchAndTime(const Options &options, const Machine &machine, const JitKernel &jit, const RunTensors &tensors,
                    RunReport &report);

/// Judges the result: all rows if the oracle is quick enough, else a sample, and the rest for having been written.
void checkResult(const Options &options, const RunTensors &tensors, RunReport &report);

} // namespace attn::tools

#endif // ATTN_TOOLS_ATTN_RUN_RUN_H
