// The text of a random spec: which extents are static, which clauses are written out.
#include "SpecParts.h"

#include <cstdio>

namespace attn::reference {
namespace {

/// An axis that several tensors share: static or dynamic by its own draw, and now and then otherwise in one tensor.
struct SharedExtent {
  SharedExtent(Random &random, DrawnProblem::Extents kind, int64_t extent)
      : extent(extent), mixed(kind == DrawnProblem::Extents::Mixed), isStatic(random.percent(40)) {
    if (!mixed)
      isStatic = kind == DrawnProblem::Extents::Static;
  }

  std::string write(Random &random, bool mayDiffer = true) const {
    bool differs = mixed && mayDiffer && random.percent(10);
    return isStatic != differs ? std::to_string(extent) : "?";
  }

  int64_t extent;
  bool mixed, isStatic;
};

struct Extents {
  Extents(Random &random, const Problem &problem, DrawnProblem::Extents kind)
      : batch(random, kind, problem.queryBatches()),
        kvBatch(problem.kvOffsets.empty() == problem.queryOffsets.empty() ? batch
                                                                          : SharedExtent(random, kind, problem.kvBatches())),
        queryHeads(random, kind, problem.queryHeads), kvHeads(random, kind, problem.kvHeads),
        queryLength(random, kind, problem.queryLength), kvLength(random, kind, problem.kvLength),
        freeHeads(!queryHeads.isStatic && !kvHeads.isStatic) {}

  std::string tensor(Random &random, const SharedExtent &heads, const SharedExtent &length, const std::string &tail) {
    std::string text = "tensor<" + (&length == &kvLength ? kvBatch : batch).write(random) + "x";
    text += heads.write(random, !freeHeads) + "x";
    return text + length.write(random) + "x" + tail + ">";
  }

  SharedExtent batch, kvBatch, queryHeads, kvHeads, queryLength, kvLength;
  bool freeHeads; ///< No head extent is static, so that the grouping fixes a ratio only.
};

std::string causalityClause(Random &random, const Causality &causality) {
  bool plain = causality.kind == CausalityKind::None && !causality.left && !causality.right;
  if (plain && random.percent(70))
    return "";
  std::string text = "\n      causality(#attn.causality<" + std::string(kindName(causality.kind));
  if (causality.left)
    text += ", left = " + std::to_string(*causality.left);
  if (causality.right)
    text += ", right = " + std::to_string(*causality.right);
  return text + ">)";
}

std::string scaleClause(double scale) {
  char text[64];
  std::snprintf(text, sizeof text, "\n      scale(%.9e)", scale);
  return text;
}

/// Each region takes all that is captured.
std::string withArguments(std::string regions, const std::string &arguments) {
  const std::string end = "):\n";
  for (size_t at = 0; (at = regions.find(end, at)) != regions.npos; at += arguments.size() + end.size())
    regions.insert(at, arguments);
  return regions;
}

std::string captureType(Random &random, const Capture &capture) {
  std::string text = "tensor<";
  for (int32_t axis = 0; axis != capture.rank; ++axis) {
    bool open = !capture.fixed && capture.layout.shape[axis] != 1 && random.percent(60);
    text += (open ? "?" : std::to_string(capture.layout.shape[axis])) + "x";
  }
  return text + typeName(capture.layout.type) + ">";
}

} // namespace

std::string drawText(Random &random, const DrawnProblem &drawn, bool wantsLse) {
  const Problem &problem = drawn.problem;
  Extents extents(random, problem, drawn.extents);
  std::string type = typeName(problem.type);
  std::string headTail = std::to_string(problem.headDim) + "x" + type;
  std::string valueTail = std::to_string(problem.valueDim) + "x" + type;
  std::string query = extents.tensor(random, extents.queryHeads, extents.queryLength, headTail);
  std::string key = extents.tensor(random, extents.kvHeads, extents.kvLength, headTail);
  std::string value = extents.tensor(random, extents.kvHeads, extents.kvLength, valueTail);
  std::string results = extents.tensor(random, extents.queryHeads, extents.queryLength, valueTail);
  if (wantsLse)
    results += ", " + extents.tensor(random, extents.queryHeads, extents.queryLength, "f32");
  std::string lse = wantsLse ? ", %lse" : "", returned = wantsLse ? "(" + results + ")" : results;
  // With all head extents dynamic a launch may have other counts of the same ratio than the spec was written with.
  int64_t factor = extents.freeHeads && random.percent(30) ? 2 : 1;

  std::string captures = drawn.captureNames.empty() ? "" : " captures(" + drawn.captureNames + ")";
  // In the order of the operation's operands.
  std::string arguments = drawn.captureParameters, types = drawn.captureTypes;
  for (const Capture &capture : drawn.captures) {
    std::string tensor = captureType(random, capture);
    arguments += ", %" + capture.name + ": " + tensor;
    types += ", " + tensor;
  }
  arguments += drawn.parameters;
  types += drawn.operandTypes;
  std::string text = "func.func @attention(%q: " + query + ", %k: " + key + ", %v: " + value + arguments + ")\n    -> " + returned +
                     " {\n  %out" + lse + " = attn.attention %q, %k, %v" + captures + "\n      heads(#attn.head_grouping<query = " +
                     std::to_string(factor * problem.queryHeads) + ", kv = " + std::to_string(factor * problem.kvHeads) +
                     ">)";
  text += drawn.clauses;
  text += causalityClause(random, problem.causality);
  text += drawn.masks;
  if (drawn.scaleGiven)
    text += scaleClause(problem.scale);
  text += drawn.softmax + withArguments(drawn.regions, drawn.regionArguments);
  text += "\n      : (" + query + ", " + key + ", " + value + types + ")\n      -> " + (wantsLse ? returned : results);
  return text + "\n  return %out" + lse + " : " + results + "\n}\n";
}

} // namespace attn::reference
