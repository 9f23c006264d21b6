// Sizes, causality and scale of a random spec. Most lengths lie within one of a tile edge, since that is where kernels
// break; head dimensions favour those that models use, but all legal ones occur.
#include "SpecParts.h"

#include <algorithm>
#include <utility>

namespace attn::reference {
namespace {

constexpr int64_t longest = 1100, largestWindow = (int64_t(1) << 30) - 1;

void drawHeadDims(Random &random, Problem &problem) {
  using Pair = std::pair<int64_t, int64_t>;
  Pair dims{8 * random.between(2, 32), 8 * random.between(2, 32)};
  if (random.percent(55))
    dims = random.pick<Pair>({{64, 64}, {128, 128}, {128, 128}, {192, 128}, {80, 80}, {96, 96}, {256, 256}});
  problem.headDim = dims.first;
  problem.valueDim = dims.second;
}

int64_t drawLength(Random &random, int64_t most) {
  most = std::min(most, longest);
  int64_t kind = random.below(100);
  if (kind < 3 || most < 1)
    return 0;
  if (kind < 7)
    return 1;
  for (int attempt = 0; kind < 70 && attempt < 12; ++attempt) {
    int64_t edge = random.pick<int64_t>({16, 32, 64, 64, 80, 96, 112, 128, 128, 128, 160, 176, 192, 224, 256, 256, 320,
                                         384, 512, 640, 768, 1024});
    int64_t length = edge + random.between(-1, 1);
    if (length <= most)
      return length;
  }
  return random.between(1, most);
}

/// Two lengths with a product of at most `pairs`.
void drawLengths(Random &random, Problem &problem, int64_t pairs) {
  int64_t first = random.percent(6) ? 1 : drawLength(random, pairs);
  bool square = random.percent(35) && first * first <= pairs;
  int64_t second = square ? first : drawLength(random, pairs / std::max<int64_t>(1, first));
  // The second is bounded by the first and so the shorter one more often than not: either may be the keys.
  bool swap = first != 1 && random.percent(50);
  problem.queryLength = swap ? second : first;
  problem.kvLength = swap ? first : second;
}

/// Head counts and batch with a product of at most `most`, which is at least 1.
void drawHeads(Random &random, Problem &problem, int64_t most) {
  int64_t ratio = random.percent(35) ? 1 : random.between(1, std::min<int64_t>(8, most));
  problem.kvHeads = random.between(1, std::clamp<int64_t>(most / ratio, 1, 4));
  problem.queryHeads = problem.kvHeads * ratio;
  problem.batch = random.between(1, std::clamp<int64_t>(most / problem.queryHeads, 1, 3));
  if (random.percent(1))
    problem.batch = 0;
}

std::optional<int64_t> drawWindow(Random &random, int64_t keys) {
  if (random.percent(55))
    return std::nullopt;
  switch (random.below(4)) {
  case 0:
    return random.pick<int64_t>({0, 0, 1, 7, 16, largestWindow});
  case 1:
    return random.pick<int64_t>({31, 32, 63, 64, 65, 127, 128, 129, 175, 176});
  default:
    return random.between(0, keys + 10);
  }
}

double drawScale(Random &random) {
  int64_t kind = random.below(20);
  if (kind == 0)
    return 0;
  if (kind == 1)
    return -0.125;
  if (kind < 6)
    return random.pick({1.0, 0.5, 0.0625});
  // Three decimal digits, rounded to f32 as the spec's parser does.
  return static_cast<float>(random.between(10, 500) / 1000.0);
}

} // namespace

DrawnProblem drawProblem(Random &random, const GeneratorOptions &options) {
  DrawnProblem drawn;
  Problem &problem = drawn.problem;
  int64_t type = random.below(100);
  problem.type = type < 40 || (type >= 70 && !options.f32) ? ElementType::BF16
                 : type < 70                               ? ElementType::F16
                                                           : ElementType::F32;
  drawHeadDims(random, problem);
  int64_t pairs = std::max<int64_t>(1, options.maxWork / (problem.headDim + problem.valueDim));
  if (random.percent(50)) {
    drawLengths(random, problem, pairs);
    drawHeads(random, problem, pairs / std::max<int64_t>(1, problem.queryLength * problem.kvLength));
  } else {
    int64_t room = random.pick<int64_t>({32, 64, 130});
    drawHeads(random, problem, std::max<int64_t>(1, pairs / (room * room)));
    drawLengths(random, problem, pairs / std::max<int64_t>(1, problem.batch * problem.queryHeads));
  }
  problem.causality.kind =
      random.pick({CausalityKind::None, CausalityKind::TopLeft, CausalityKind::BottomRight, CausalityKind::BottomRight});
  problem.causality.left = drawWindow(random, problem.kvLength);
  problem.causality.right = drawWindow(random, problem.kvLength);
  drawn.scaleGiven = random.percent(40);
  double scale = drawScale(random);
  problem.scale = drawn.scaleGiven ? scale : defaultScale(problem.headDim);
  return drawn;
}

} // namespace attn::reference
