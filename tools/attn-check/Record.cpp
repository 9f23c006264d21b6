// The record of a campaign as text and as JSON.
#include "Campaign.h"

#include "support/Json.h"

#include <algorithm>
#include <cstdio>

namespace attn::tools {

static std::string countsJson(const std::map<std::string, uint64_t> &counts) {
  JsonObject object;
  for (const auto &[name, count] : counts)
    object.add(name, static_cast<int64_t>(count));
  return object.text();
}

static std::string countsText(const std::map<std::string, uint64_t> &counts) {
  std::string text;
  for (const auto &[name, count] : counts)
    text += (text.empty() ? "" : ", ") + name + " " + std::to_string(count);
  return text;
}

/// The value that `share` of the others do not exceed.
static double quantile(std::vector<double> values, double share) {
  if (values.empty())
    return 0;
  std::sort(values.begin(), values.end());
  return values[static_cast<size_t>(share * static_cast<double>(values.size() - 1))];
}

std::string Record::json(const CampaignOptions &options) const {
  std::string list;
  for (const Failure &failure : failures) {
    JsonObject object;
    object.add("reproducer", failure.reproducer).add("spec", failure.summary).add("sentence", failure.sentence);
    list += (list.empty() ? "" : ", ") + object.text();
  }
  JsonObject object;
  object.add("target", options.target).add("hardware", hardware).add("producer", compiler::producerName());
  object.add("seed", static_cast<int64_t>(options.seed)).add("first", static_cast<int64_t>(options.first));
  object.add("checked", static_cast<int64_t>(checked)).add("right", static_cast<int64_t>(right));
  object.add("worst_error_ratio", worstRatio).add("worst_lse_error_ratio", worstLseRatio).add("worst_spec", worstSpec);
  object.raw("by_type", countsJson(byType)).raw("by_head_dim", countsJson(byHeadDim));
  object.raw("by_causality", countsJson(byCausality));
  if (!byPlan.empty())
    object.raw("by_plan", countsJson(byPlan));
  if (options.repeats)
    object.add("repeats", static_cast<int64_t>(repeats));
  object.add("compile_ms_median", quantile(compileMilliseconds, 0.5));
  object.add("compile_ms_largest", quantile(compileMilliseconds, 1)).add("seconds", seconds);
  return object.raw("failures", "[" + list + "]").text() + "\n";
}

std::string Record::summary(const CampaignOptions &options) const {
  char line[300];
  std::snprintf(line, sizeof line, "%llu of %llu %s%s specs %s %s (%s), %.0f s\n",
                static_cast<unsigned long long>(right), static_cast<unsigned long long>(checked),
                byPlan.empty() ? "" : "kernels of ", options.pairs ? "pair" : "random",
                options.compileOnly ? "compile for" : "right on",
                options.target.c_str(), hardware.c_str(), seconds);
  std::string text = line;
  if (!options.compileOnly) {
    std::snprintf(line, sizeof line, "worst error ratio  %.3g, of the log-sum-exp %.3g\n  ", worstRatio, worstLseRatio);
    text += line + worstSpec + "\n";
  }
  if (options.repeats)
    text += "repeats            " + std::to_string(repeats) + " launches as the first one of their spec, bit for bit\n";
  if (!byPlan.empty())
    text += "plans              " + std::to_string(byPlan.size()) + ", each with every spec that it fits\n";
  text += "types              " + countsText(byType) + "\n";
  text += "causality          " + countsText(byCausality) + "\n";
  text += "head_dim q/v       " + std::to_string(byHeadDim.size()) + " pairs\n";
  std::snprintf(line, sizeof line, "compile            median %.0f ms, largest %.0f ms\n",
                quantile(compileMilliseconds, 0.5), quantile(compileMilliseconds, 1));
  text += line;
  for (const Failure &failure : failures)
    text += "FAILED             " + failure.reproducer + "\n";
  return text;
}

} // namespace attn::tools
