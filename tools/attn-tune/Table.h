// The plan table as text: what was found, where and how.
#ifndef ATTN_TOOLS_ATTN_TUNE_TABLE_H
#define ATTN_TOOLS_ATTN_TUNE_TABLE_H

#include "Kind.h"

namespace attn::tools {

/// One entry. Length 0: for kernels whose length is not known.
struct Entry {
  Kind kind;
  int64_t length = 0;
  std::string plan;
  double rate = 0, usualRate = 0; ///< TFLOP/s of the plan and of the one chosen before; for length 0: shares of the best
};

struct TableHead {
  std::string hardware, producer, date, command;
  bool timeWasUp = false; ///< kinds are missing
};

/// A table as attn/Transforms/Plans.h reads it, with comments.
std::string tableText(const TableHead &head, const std::vector<Entry> &entries);

} // namespace attn::tools

#endif // ATTN_TOOLS_ATTN_TUNE_TABLE_H
