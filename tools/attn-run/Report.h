// What a run has to say: a table for people, one JSON line for programs.
#ifndef ATTN_TOOLS_ATTN_RUN_REPORT_H
#define ATTN_TOOLS_ATTN_RUN_REPORT_H

#include "attn/Reference/Trial.h"

#include <optional>
#include <string>

namespace attn::tools {

struct RunReport {
  std::string spec, target, hardware;
  reference::Problem problem;
  bool hasLse = false, fromCache = false;
  uint64_t seed = 0;
  double compileMilliseconds = 0, runMilliseconds = 0, fastestMilliseconds = 0, teraflops = 0;
  size_t launches = 0;
  std::optional<reference::Verdict> verdict; ///< where the result was checked
  size_t rowsChecked = 0;

  std::string table() const;
  std::string json() const; ///< one line
};

} // namespace attn::tools

#endif // ATTN_TOOLS_ATTN_RUN_REPORT_H
