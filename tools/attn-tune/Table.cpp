// Entries and comments.
#include "Table.h"

#include <cstdio>

namespace attn::tools {

static std::string entryText(const Entry &entry) {
  const Kind &kind = entry.kind;
  std::string text = "  {head_dim = " + std::to_string(kind.headDim) +
                     ", value_dim = " + std::to_string(kind.valueDim) + ", mask = \"" + kind.mask + "\", type = " + kind.type;
  if (kind.group != 1)
    text += ", group = " + std::to_string(kind.group);
  if (entry.length)
    text += ", length = " + std::to_string(entry.length);
  return text + ", plan = " + entry.plan + "}";
}

static std::string comment(const Entry &entry) {
  char line[160];
  if (entry.length)
    std::snprintf(line, sizeof line, "  // %.1f TFLOP/s; the plan chosen before %.1f\n", entry.rate, entry.usualRate);
  else
    std::snprintf(line, sizeof line, "  // on average %.3f of the best plan at each length; the plan chosen before %.3f\n",
                  entry.rate, entry.usualRate);
  return line;
}

std::string tableText(const TableHead &head, const std::vector<Entry> &entries) {
  std::string text = "// Plans that were fastest on " + head.hardware + ", for attn-choose-plan.\n// Made " + head.date +
                     " by `" + head.command + "`,\n// " + head.producer + ".\n";
  if (head.timeWasUp)
    text += "// The time was up before all kinds of kernels that were asked for had been measured.\n";
  text += "[\n";
  for (size_t i = 0; i != entries.size(); ++i)
    text += comment(entries[i]) + entryText(entries[i]) + (i + 1 == entries.size() ? "\n" : ",\n");
  return text + "]\n";
}

} // namespace attn::tools
