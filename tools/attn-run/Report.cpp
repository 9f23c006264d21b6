// Lines and fields of a report.
#include "Report.h"

#include "support/Json.h"

#include <cstdio>

namespace attn::tools {
namespace {

template <typename... Values>
std::string format(const char *text, Values... values) {
  char line[400];
  std::snprintf(line, sizeof line, text, values...);
  return line;
}

std::string shape(std::initializer_list<int64_t> extents) {
  std::string text;
  for (int64_t extent : extents)
    text += (text.empty() ? "" : "x") + std::to_string(extent);
  return text;
}

std::string shapesOf(const reference::Problem &p) {
  return std::string(typeName(p.type)) + ", q " + shape({p.queryBatches(), p.queryHeads, p.queryLength, p.headDim}) + ", k " +
         shape({p.kvBatches(), p.kvHeads, p.kvLength, p.headDim}) + ", v " +
         shape({p.kvBatches(), p.kvHeads, p.kvLength, p.valueDim});
}

} // namespace

std::string RunReport::table() const {
  std::string text;
  auto line = [&](const char *name, const std::string &value) { text += format("%-12s ", name) + value + "\n"; };
  line("spec", spec);
  line("target", target + " on " + hardware);
  line("shapes", shapesOf(problem));
  line("compile", format("%.1f ms", compileMilliseconds) + (fromCache ? " (from the cache)" : ""));
  line("run", format("%.4g ms (median of %zu; fastest %.4g ms), %.4g TFLOP/s", runMilliseconds, launches,
                     fastestMilliseconds, teraflops));
  if (!verdict)
    return text;
  line("error", format("largest %.3g, rms %.3g; %.3g times that of unfused attention in %s", verdict->output.maxError,
                       verdict->output.rmsError, verdict->outputRatio, typeName(problem.type)));
  line("worst", verdict->output.worst());
  if (hasLse)
    line("lse error", format("largest %.3g, rms %.3g; worst ", verdict->lse.maxError, verdict->lse.rmsError) +
                          verdict->lse.worst());
  int64_t rows = 0; // those behind the last packed sequence are nobody's
  for (int64_t b = 0; b < problem.batch; ++b)
    rows += problem.queryHeads * problem.queryRowsOf(b);
  line("checked", std::to_string(rowsChecked) + " of " + std::to_string(rows) + " rows against the oracle in double precision");
  line("verdict", *verdict ? "right" : "WRONG: " + verdict->failure);
  return text;
}

std::string RunReport::json() const {
  JsonObject object;
  const reference::Problem &p = problem;
  object.add("spec", spec).add("target", target).add("hardware", hardware).add("type", typeName(p.type));
  object.add("q", std::vector<int64_t>{p.queryBatches(), p.queryHeads, p.queryLength, p.headDim});
  object.add("k", std::vector<int64_t>{p.kvBatches(), p.kvHeads, p.kvLength, p.headDim});
  object.add("v", std::vector<int64_t>{p.kvBatches(), p.kvHeads, p.kvLength, p.valueDim});
  object.add("seed", static_cast<int64_t>(seed));
  if (verdict) {
    const reference::Comparison &worst = verdict->output;
    object.add("right", static_cast<bool>(*verdict)).add("failure", verdict->failure);
    object.add("max_error", worst.maxError).add("rms_error", worst.rmsError).add("error_ratio", verdict->outputRatio);
    object.add("worst_index", std::vector<int64_t>(worst.index, worst.index + 4));
    object.add("worst_expected", worst.expected).add("worst_found", worst.found);
    if (hasLse)
      object.add("lse_max_error", verdict->lse.maxError).add("lse_error_ratio", verdict->lseRatio);
    object.add("rows_checked", static_cast<int64_t>(rowsChecked));
  }
  object.add("compile_ms", compileMilliseconds).add("from_cache", fromCache);
  object.add("run_ms", runMilliseconds).add("launches", static_cast<int64_t>(launches)).add("tflops", teraflops);
  return object.text() + "\n";
}

} // namespace attn::tools
