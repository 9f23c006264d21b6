// Lengths and offsets of the sequences of a random spec. Most lengths lie within one of a tile edge or of the tensor's
// extent; some are what no caller should give, negative or beyond the extent, and still have a meaning.
#include "SpecParts.h"

#include <algorithm>

namespace attn::reference {
namespace {

int64_t drawLength(Random &random, int64_t extent, bool wild) {
  switch (random.below(8)) {
  case 0:
    return 0;
  case 1:
    return 1;
  case 2:
    return extent + random.between(-1, wild ? 1 : 0);
  case 3:
    return wild ? random.pick<int64_t>({-1, -7, extent + 100, (int64_t(1) << 31) - 1}) : extent / 2;
  case 4:
  case 5:
    return random.pick<int64_t>({16, 64, 80, 112, 128, 176, 192, 256, 384}) + random.between(-1, 1);
  default:
    return random.between(0, extent);
  }
}

/// Rising from 0; the last sequence mostly takes what is left of the tensor's rows.
std::vector<int64_t> drawOffsets(Random &random, int64_t sequences, int64_t rows) {
  std::vector<int64_t> offsets{0};
  for (int64_t s = 0; s < sequences; ++s) {
    int64_t left = rows - offsets.back();
    bool last = s + 1 == sequences && random.percent(70);
    int64_t length = last ? left : drawLength(random, random.percent(50) ? left : 2 * rows / sequences, false);
    offsets.push_back(offsets.back() + std::clamp<int64_t>(length, 0, left));
  }
  return offsets;
}

/// The arguments and clauses of one kind of numbers, for queries, keys or both.
class Clause {
public:
  Clause(Random &random, DrawnProblem &drawn, const char *keyword, int64_t extent)
      : random(random), drawn(drawn), keyword(keyword), extent(extent) {}

  void add(const std::string &side, const std::string &name) {
    std::string type = "tensor<" + (random.percent(30) ? std::to_string(extent) : "?") + "xi32>";
    drawn.parameters += ", " + name + ": " + type;
    drawn.operandTypes += ", " + type;
    text += (text.empty() ? "" : ", ") + side + " = " + name;
  }
  std::string finish() const { return text.empty() ? "" : std::string("\n      ") + keyword + "(" + text + ")"; }

private:
  Random &random;
  DrawnProblem &drawn;
  const char *keyword;
  int64_t extent;
  std::string text;
};

} // namespace

void drawRagged(Random &random, DrawnProblem &drawn) {
  Problem &problem = drawn.problem;
  if (problem.batch == 0)
    return;
  int64_t kind = random.below(100), sides = random.pick<int64_t>({1, 2, 2, 3, 3, 3, 3});
  int64_t packed = kind < 55 ? sides : 0, padded = kind >= 45 ? random.pick<int64_t>({sides, 3}) : 0;
  if (int64_t sequences = packed == 3 ? random.between(1, 6) : 0; // else the other side's tensors say how many
      sequences != 0 && drawn.captures.empty())                    // whose buffers have a row a batch
    problem.batch = sequences;
  drawRaggedSides(random, drawn, packed, padded);
}

void drawRaggedSides(Random &random, DrawnProblem &drawn, int64_t packed, int64_t padded) {
  Problem &problem = drawn.problem;
  if (packed & 1)
    problem.queryOffsets = drawOffsets(random, problem.batch, problem.queryLength);
  if (packed & 2)
    problem.kvOffsets = drawOffsets(random, problem.batch, problem.kvLength);
  for (int64_t b = 0; b < problem.batch; ++b) {
    if (padded & 1)
      problem.queryLengths.push_back(drawLength(random, problem.queryRowsOf(b), true));
    if (padded & 2)
      problem.kvLengths.push_back(drawLength(random, problem.kvRowsOf(b), true));
  }
  // Operands stand in the order lengths, offsets; the clauses the other way round.
  Clause lengths(random, drawn, "lengths", problem.batch), offsets(random, drawn, "packed", problem.batch + 1);
  if (padded & 1)
    lengths.add("query", "%lq");
  if (padded & 2)
    lengths.add("kv", "%lk");
  if (packed & 1)
    offsets.add("query", "%cq");
  if (packed & 2)
    offsets.add("kv", "%ck");
  drawn.clauses += offsets.finish() + lengths.finish();
}

} // namespace attn::reference
