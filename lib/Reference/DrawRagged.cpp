// Lengths of the batches of a random spec. Most lie within one of a tile edge or of the tensor's extent; some are what no
// caller should give, negative or beyond the extent, and still have a meaning.
#include "SpecParts.h"

namespace attn::reference {
namespace {

int64_t drawLength(Random &random, int64_t extent) {
  switch (random.below(8)) {
  case 0:
    return 0;
  case 1:
    return 1;
  case 2:
    return extent + random.between(-1, 1);
  case 3:
    return random.pick<int64_t>({-1, -7, extent + 100, (int64_t(1) << 31) - 1});
  case 4:
  case 5:
    return random.pick<int64_t>({16, 64, 80, 112, 128, 176, 192, 256, 384}) + random.between(-1, 1);
  default:
    return random.between(0, extent);
  }
}

/// One more argument of one number a batch; returns its name.
std::string addArgument(Random &random, DrawnProblem &drawn, const std::string &name) {
  std::string extent = random.percent(30) ? std::to_string(drawn.problem.batch) : "?";
  std::string type = "tensor<" + extent + "xi32>";
  drawn.parameters += ", " + name + ": " + type;
  drawn.operandTypes += ", " + type;
  return name;
}

} // namespace

void drawRagged(Random &random, DrawnProblem &drawn) {
  Problem &problem = drawn.problem;
  if (problem.batch == 0)
    return;
  int64_t sides = random.pick<int64_t>({1, 2, 2, 3, 3, 3, 3});
  std::string clause;
  auto draw = [&](bool wanted, const char *side, const char *name, std::vector<int64_t> &lengths, int64_t extent) {
    if (!wanted)
      return;
    for (int64_t b = 0; b < problem.batch; ++b)
      lengths.push_back(drawLength(random, extent));
    clause += (clause.empty() ? "" : ", ") + std::string(side) + " = " + addArgument(random, drawn, name);
  };
  draw(sides & 1, "query", "%lq", problem.queryLengths, problem.queryLength);
  draw(sides & 2, "kv", "%lk", problem.kvLengths, problem.kvLength);
  drawn.clauses += "\n      lengths(" + clause + ")";
}

} // namespace attn::reference
