// Specs by their choices. The functions of SpecParts.h draw the pieces; their order follows that of the operands.
#include "attn/Reference/PairSpecs.h"

#include "SpecParts.h"

#include <tuple>
#include <utility>

namespace attn::reference {
namespace {

enum FactorNumber { MaskFactor, ScoreFactor, HeadsFactor, BatchFactor, DropoutFactor, SinksFactor, DimsFactor, LengthsFactor,
                    ExtentsFactor, LseFactor, TypeFactor };
enum MaskChoice { NoMask, TopLeft, BottomRight, LeftWindow, BothWindows, Prefix, Chunk, DocumentClause, ClosedRegion,
                  SortedRegion, StripedRegion, BlockTable, AllMasks };
enum ScoreChoice { NoScore, Softcap, Alibi, Bias, ScoreRegion, BufferRegion, AllScores };
enum BatchChoice { Dense, KeyLengths, BothLengths, Packed, PackedQueries, PackedLengths };
enum LengthsChoice { MoreKeys, Equal, MoreQueries, OneQuery };

constexpr std::pair<int64_t, int64_t> headDims[] = {{128, 128}, {64, 64}, {16, 16}, {80, 80},
                                                      {96, 96}, {192, 128}, {256, 256}, {40, 248}};

void setSizes(Random &random, Problem &problem, const Choices &choices) {
  problem.type = choices[TypeFactor] == 0 ? ElementType::BF16 : choices[TypeFactor] == 1 ? ElementType::F16 : ElementType::F32;
  std::tie(problem.headDim, problem.valueDim) = headDims[choices[DimsFactor]];
  problem.scale = defaultScale(problem.headDim);
  constexpr std::pair<int64_t, int64_t> heads[] = {{2, 2}, {4, 2}, {3, 1}};
  std::tie(problem.queryHeads, problem.kvHeads) = heads[choices[HeadsFactor]];
  bool packed = choices[BatchFactor] >= Packed;
  problem.batch = packed ? 3 : 2;
  // Around the edges of tiles; a packed side's are those of all sequences together.
  int64_t less = random.pick<int64_t>({40, 63, 64, 65, 80}), more = random.pick<int64_t>({127, 128, 129, 150, 177, 193});
  int64_t total = packed ? 150 : 0;
  switch (choices[LengthsFactor]) {
  case MoreKeys:
    problem.queryLength = less + total, problem.kvLength = more + total;
    break;
  case Equal:
    problem.queryLength = problem.kvLength = more + total;
    break;
  case MoreQueries:
    problem.queryLength = more + total, problem.kvLength = less + total / 2;
    break;
  default:
    problem.queryLength = packed ? problem.batch : 1, problem.kvLength = more + total;
  }
  if (choices[BatchFactor] == PackedQueries) // beside a padded cache of keys
    problem.kvLength = more;
}

void setCausality(Random &random, Problem &problem, unsigned mask) {
  Causality &causality = problem.causality;
  switch (mask) {
  case TopLeft:
    causality.kind = CausalityKind::TopLeft;
    break;
  case BottomRight:
  case Prefix:
    causality.kind = CausalityKind::BottomRight;
    break;
  case LeftWindow:
  case AllMasks:
    causality.kind = CausalityKind::BottomRight;
    causality.left = random.between(20, 140);
    break;
  case BothWindows:
    causality.left = random.between(0, 90);
    causality.right = random.between(0, 90);
    break;
  default:
    break;
  }
}

void drawRegionsOf(Random &random, DrawnProblem &drawn, unsigned mask, unsigned score) {
  if (score == ScoreRegion || score == AllScores)
    drawScoreRegion(random, drawn);
  if (score == BufferRegion)
    drawBufferScore(random, drawn);
  if (mask == ClosedRegion || mask == AllMasks)
    drawMaskRegion(random, drawn, MaskTerms::ClosedForm);
  if (mask == StripedRegion)
    drawMaskRegion(random, drawn, MaskTerms::Stripes);
  if (mask == SortedRegion)
    drawDocuments(random, drawn, true);
  if (mask == BlockTable)
    drawBufferMask(random, drawn);
}

void drawClausesOf(Random &random, DrawnProblem &drawn, unsigned mask, unsigned score) {
  if (score == Softcap || score == AllScores)
    drawSoftcap(random, drawn);
  if (score == Alibi || score == AllScores)
    drawAlibi(random, drawn);
  if (score == Bias || score == AllScores)
    drawBias(random, drawn);
  if (mask == Prefix || mask == AllMasks)
    drawPrefix(random, drawn);
  if (mask == Chunk || mask == AllMasks)
    drawChunk(random, drawn);
  if (mask == DocumentClause || mask == AllMasks)
    drawDocumentClause(random, drawn);
}

void drawBatch(Random &random, DrawnProblem &drawn, unsigned batch) {
  constexpr std::pair<int64_t, int64_t> sides[] = {{0, 0}, {0, 2}, {0, 3}, {3, 0}, {1, 2}, {3, 3}};
  auto [packed, padded] = sides[batch];
  if (packed || padded)
    drawRaggedSides(random, drawn, packed, padded);
}

DrawnProblem drawOf(Random random, const Choices &choices) {
  DrawnProblem drawn;
  setSizes(random, drawn.problem, choices);
  setCausality(random, drawn.problem, choices[MaskFactor]);
  drawn.extents = choices[ExtentsFactor] == 0   ? DrawnProblem::Extents::Dynamic
                  : choices[ExtentsFactor] == 1 ? DrawnProblem::Extents::Static
                                                : DrawnProblem::Extents::Mixed;
  drawRegionsOf(random, drawn, choices[MaskFactor], choices[ScoreFactor]);
  drawClausesOf(random, drawn, choices[MaskFactor], choices[ScoreFactor]);
  if (choices[SinksFactor] != 0)
    drawSinks(random, drawn);
  if (choices[DropoutFactor] != 0)
    drawDropout(random, drawn, choices[DropoutFactor] == 2);
  drawBatch(random, drawn, choices[BatchFactor]);
  return drawn;
}

/// Whether a quarter of the queries see a key. Numbers that forbid nearly everything are no test of anything else.
bool isSeen(const Problem &problem) {
  int64_t seeing = 0, all = 0;
  for (const Row &row : allRows(problem)) {
    ++all;
    for (int64_t j = 0, keys = problem.keysOf(row.batch); j < keys; ++j)
      if (allowed(problem, row.batch, row.head, row.query, j)) {
        ++seeing;
        break;
      }
  }
  return 4 * seeing >= all;
}

} // namespace

std::vector<Factor> pairFactors(bool f32) {
  std::vector<Factor> factors(TypeFactor + 1);
  factors[MaskFactor] = {"mask", {"none", "causality top_left", "causality bottom_right", "bottom_right with left window",
                                  "window on both sides", "prefix", "chunk", "documents", "region in closed form",
                                  "region over a sorted buffer", "region of remainders", "region over a block table",
                                  "all clauses and a region"}};
  factors[ScoreFactor] = {"score", {"none", "softcap", "alibi", "bias", "region", "region over a buffer",
                                    "all clauses and a region"}};
  factors[HeadsFactor] = {"heads", {"multi-head", "grouped-query", "multi-query"}};
  factors[BatchFactor] = {"batch", {"dense", "key lengths", "lengths of both", "packed", "packed queries, key lengths",
                                    "packed with lengths"}};
  factors[DropoutFactor] = {"dropout", {"none", "seed in the attribute", "seed operand"}};
  factors[SinksFactor] = {"sinks", {"none", "given"}};
  factors[DimsFactor].name = "head_dim";
  for (auto [query, value] : headDims)
    factors[DimsFactor].choices.push_back(std::to_string(query) + (query == value ? "" : "/" + std::to_string(value)));
  factors[LengthsFactor] = {"lengths", {"more keys", "equal", "more queries", "one query"}};
  factors[ExtentsFactor] = {"extents", {"dynamic", "static", "mixed"}};
  factors[LseFactor] = {"log-sum-exp", {"no", "yes"}};
  factors[TypeFactor] = {"type", {"bf16", "f16"}};
  if (f32)
    factors[TypeFactor].choices.push_back("f32");
  return factors;
}

std::vector<Choices> pairRows(bool f32, uint64_t seed) {
  std::vector<unsigned> counts;
  for (const Factor &factor : pairFactors(f32))
    counts.push_back(static_cast<unsigned>(factor.choices.size()));
  return coverPairs(counts, seed);
}

Spec pairSpec(const Choices &choices, uint64_t seed, uint64_t index) {
  uint64_t mixed = mixSeeds(seed, 0x7061697273);
  for (unsigned choice : choices)
    mixed = mixSeeds(mixed, choice);
  Random memory(mixSeeds(mixed, 2)), words(mixSeeds(mixed, 3));
  Spec spec;
  spec.seed = seed;
  spec.index = index;
  DrawnProblem drawn = drawOf(Random(mixSeeds(mixed, 1)), choices);
  for (uint64_t attempt = 4; !isSeen(drawn.problem) && attempt < 40; ++attempt)
    drawn = drawOf(Random(mixSeeds(mixed, attempt)), choices);
  spec.problem = drawn.problem;
  spec.documents = drawn.documents;
  spec.documentsLength = drawn.documentsLength;
  spec.layouts = drawLayouts(memory, spec.problem);
  spec.wantsLse = choices[LseFactor] != 0;
  spec.captures = drawn.captures;
  spec.choices = describe(pairFactors(true), choices);
  spec.text = drawText(words, drawn, spec.wantsLse);
  return spec;
}

std::string describe(const std::vector<Factor> &factors, const Choices &choices) {
  std::string text;
  for (size_t f = 0; f < factors.size(); ++f)
    if (choices[f] != 0)
      text += (text.empty() ? "" : ", ") + factors[f].name + " " + factors[f].choices[choices[f]];
  return text.empty() ? "plain" : text;
}

} // namespace attn::reference
