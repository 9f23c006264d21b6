// Texts of kinds.
#include "Kind.h"

#include "attn/Compiler/Describe.h"
#include "support/Shapes.h"

#include <algorithm>
#include <cstdlib>

namespace attn::tools {

static Error invalid(std::string sentence) { return {Status::InvalidArgument, std::move(sentence)}; }

static std::string tensor(int64_t heads, int64_t columns, const std::string &type) {
  return "tensor<?x" + std::to_string(heads) + "x?x" + std::to_string(columns) + "x" + type + ">";
}

std::string Kind::spec() const {
  if (!text.empty())
    return text;
  int64_t kvHeads = queryHeads / group;
  std::string q = tensor(queryHeads, headDim, type), k = tensor(kvHeads, headDim, type);
  std::string v = tensor(kvHeads, valueDim, type), out = tensor(queryHeads, valueDim, type);
  std::string causality;
  if (mask == "causal")
    causality = " causality(#attn.causality<bottom_right>)";
  if (mask == "window")
    causality = " causality(#attn.causality<bottom_right, left = " + std::to_string(window - 1) + ">)";
  return "func.func @attention(%q: " + q + ", %k: " + k + ", %v: " + v + ") -> " + out + " {\n  %o = attn.attention %q, %k, " +
         "%v heads(#attn.head_grouping<query = " + std::to_string(queryHeads) + ", kv = " + std::to_string(kvHeads) +
         ">)" + causality + " : (" + q + ", " + k + ", " + v + ") -> " + out + "\n  return %o : " + out + "\n}\n";
}

std::string Kind::name() const {
  return std::to_string(headDim) + "/" + std::to_string(valueDim) + " " + mask + " " + type + " group " +
         std::to_string(group);
}

analysis::Workload Kind::workload(const Point &point) const {
  analysis::Workload workload;
  workload.headDim = headDim, workload.valueDim = valueDim;
  workload.queryLength = point.queryLength, workload.kvLength = point.length;
  workload.batchHeads = point.batch * queryHeads, workload.group = group;
  workload.causal = mask != "all";
  workload.window = mask == "window" ? window : 0;
  return workload;
}

static std::vector<std::string> split(const std::string &text, char at) {
  std::vector<std::string> parts;
  for (size_t begin = 0; begin <= text.size();) {
    size_t end = std::min(text.find(at, begin), text.size());
    parts.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

/// A whole number from `least` to `most`, or -1.
static int64_t numberOf(const std::string &text, int64_t least, int64_t most) {
  char *end = nullptr;
  long long number = std::strtoll(text.c_str(), &end, 10);
  bool digits = !text.empty() && text[0] >= '0' && text[0] <= '9' && !*end;
  return digits && number >= least && number <= most ? number : -1;
}

Result<std::vector<int64_t>> parseLengths(const std::string &text) {
  std::vector<int64_t> lengths;
  for (const std::string &part : split(text, ',')) {
    lengths.push_back(numberOf(part, 1, 1 << 20));
    if (lengths.back() < 0)
      return invalid("--lengths, expects numbers from 1 to 1048576 with commas between, got '" + text + "'");
  }
  return lengths;
}

/// Fills in heads and points.
static void complete(Kind &kind, const std::vector<int64_t> &lengths) {
  kind.queryHeads = std::max(kind.group, std::max<int64_t>(1, 2048 / kind.headDim) / kind.group * kind.group);
  for (int64_t length : lengths) {
    int64_t batch = length < 16384 ? 16384 / length : 1;
    kind.points.push_back({length, batch, length,
                           {"q=" + std::to_string(batch) + "x" + std::to_string(kind.queryHeads) + "x" +
                            std::to_string(length) + "x" + std::to_string(kind.headDim)}});
  }
}

Result<std::vector<Kind>> parseKinds(const std::string &dims, const std::string &masks, const std::string &types,
                                     const std::string &groups, int64_t window, const std::vector<int64_t> &lengths) {
  std::vector<Kind> kinds;
  for (const std::string &dim : split(dims, ','))
    for (const std::string &group : split(groups, ','))
      for (const std::string &type : split(types, ','))
        for (const std::string &mask : split(masks, ',')) {
          Kind kind;
          std::vector<std::string> pair = split(dim, '/');
          kind.headDim = numberOf(pair.front(), 16, 256), kind.valueDim = numberOf(pair.back(), 16, 256);
          if (pair.size() > 2 || kind.headDim < 0 || kind.valueDim < 0 || kind.headDim % 8 || kind.valueDim % 8)
            return invalid("--head-dims, expects multiples of 8 from 16 to 256 as in 64,192/128, got '" + dims + "'");
          kind.group = numberOf(group, 1, 256);
          if (kind.group < 0)
            return invalid("--groups, expects numbers from 1 to 256, got '" + groups + "'");
          if (type != "bf16" && type != "f16")
            return invalid("--types, expects bf16 and f16, got '" + types + "'");
          if (mask != "all" && mask != "causal" && mask != "window")
            return invalid("--masks, expects all, causal and window, got '" + masks + "'");
          kind.type = type, kind.mask = mask, kind.window = window;
          complete(kind, lengths);
          kinds.push_back(kind);
        }
  return kinds;
}

/// What no entry of a table is for; empty where there is nothing of the kind.
static std::string whyNoEntry(const compiler::SpecFacts &facts, bool ragged) {
  if (facts.hasScore || facts.hasMask || facts.hasCaptures || facts.softcap || facts.chunk)
    return "score or mask regions and clauses";
  if (facts.hasDropout)
    return "dropout";
  return ragged ? "lengths of sequences" : "";
}

static std::string maskOf(const compiler::SpecFacts &facts) {
  if (facts.causality == compiler::CausalityKind::None && !facts.left && !facts.right)
    return "all";
  return facts.causality != compiler::CausalityKind::None && !facts.left && !facts.right ? "causal" : "window";
}

static Result<Point> pointOf(const compiler::SpecFacts &facts, std::vector<std::string> shapes) {
  Result<reference::Problem> problem = resolveShapes(facts, shapes, nullptr);
  if (!problem)
    return problem.error();
  if (problem->batch < 1 || problem->queryLength < 1 || problem->kvLength < 1)
    return invalid("--shape, expects at least one batch, query and key to time");
  return Point{problem->kvLength, problem->batch, problem->queryLength, std::move(shapes)};
}

Result<Kind> kindOfSpec(const std::string &text, const std::string &sourceName, const std::vector<std::string> &shapes) {
  Result<compiler::SpecFacts> facts = compiler::describe(text, sourceName);
  if (!facts)
    return facts.error();
  // Query, key, value, output and perhaps the log-sum-exp.
  if (std::string why = whyNoEntry(*facts, facts->arguments.size() > (facts->hasLse ? 5u : 4u)); !why.empty())
    return invalid("spec, expects attention that plan tables have entries for, got " + why +
                   ": give attn-compile a plan by --plan");
  Kind kind;
  kind.text = text;
  kind.headDim = facts->headDim, kind.valueDim = facts->valueDim;
  kind.queryHeads = facts->queryHeads, kind.group = facts->queryHeads / facts->kvHeads;
  kind.type = facts->type == image::ElementType::F16 ? "f16" : "bf16";
  kind.mask = maskOf(*facts);
  kind.window = facts->left ? *facts->left + 1 : 0;
  std::vector<std::vector<std::string>> given;
  for (const std::string &shape : shapes) {
    if (given.empty() || shape.rfind("q=", 0) == 0)
      given.emplace_back();
    given.back().push_back(shape);
  }
  if (given.empty())
    given.emplace_back();
  for (std::vector<std::string> &one : given) {
    Result<Point> point = pointOf(*facts, std::move(one));
    if (!point)
      return point.error();
    for (const Point &other : kind.points)
      if (other.length == point->length)
        return invalid("--shape, expects another number of keys in each shape, got " + std::to_string(point->length) + " twice");
    kind.points.push_back(std::move(*point));
  }
  return kind;
}

} // namespace attn::tools
