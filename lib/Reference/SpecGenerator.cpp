// Puts the parts of a random spec together.
#include "attn/Reference/SpecGenerator.h"

#include "SpecParts.h"

#include <cstdio>

namespace attn::reference {

Spec SpecGenerator::at(uint64_t index) const {
  Spec spec;
  spec.seed = options.seed;
  spec.index = index;
  // A stream for each part: a change in how one part is drawn leaves the others as they were.
  Random problems(mixSeeds(mixSeeds(options.seed, index), 1)), memory(mixSeeds(mixSeeds(options.seed, index), 2)),
      words(mixSeeds(mixSeeds(options.seed, index), 3)), regions(mixSeeds(mixSeeds(options.seed, index), 5)),
      clauses(mixSeeds(mixSeeds(options.seed, index), 7));
  DrawnProblem drawn = drawProblem(problems, options);
  if (options.clauses)
    drawClauses(clauses, drawn);
  if (options.regions)
    drawRegions(regions, drawn);
  if (options.ragged) {
    Random ragged(mixSeeds(mixSeeds(options.seed, index), 6));
    if (ragged.percent(80))
      drawRagged(ragged, drawn);
    if (ragged.percent(35))
      drawDocuments(ragged, drawn);
  }
  spec.problem = drawn.problem;
  spec.documents = drawn.documents;
  spec.documentsLength = drawn.documentsLength;
  spec.layouts = drawLayouts(memory, spec.problem);
  spec.wantsLse = words.percent(60);
  spec.captures = drawn.captures;
  spec.text = drawText(words, drawn, spec.wantsLse);
  return spec;
}

std::string Spec::reproducer() const { return "seed=" + std::to_string(seed) + " index=" + std::to_string(index); }

uint64_t Spec::inputSeed() const { return mixSeeds(mixSeeds(seed, index), 4); }

std::string Spec::summary() const {
  const Problem &p = problem;
  auto number = [](int64_t value) { return std::to_string(value); };
  std::string line = reproducer() + ": " + typeName(p.type) + " batch " + number(p.batch) + " heads " +
                     number(p.queryHeads) + "/" + number(p.kvHeads) + " lengths " + number(p.queryLength) + "x" +
                     number(p.kvLength) + " head_dim " + number(p.headDim) + "/" + number(p.valueDim) + " " +
                     kindName(p.causality.kind);
  if (p.causality.left)
    line += " left=" + number(*p.causality.left);
  if (p.causality.right)
    line += " right=" + number(*p.causality.right);
  char scale[40];
  std::snprintf(scale, sizeof scale, " scale %.6g", p.scale);
  line += scale;
  if (p.dropout) {
    char dropout[60];
    std::snprintf(dropout, sizeof dropout, " dropout %g", p.dropout->probability);
    line += dropout;
  }
  if (p.softcap)
    line += " softcap";
  for (const Capture &capture : captures)
    line += " " + capture.name;
  if (p.chunk)
    line += " chunk " + number(*p.chunk);
  line += problem.score ? " with a score region" : "";
  line += documents ? " with documents" : problem.mask ? " with a mask region" : "";
  auto list = [&](const char *name, const std::vector<int64_t> &numbers) {
    line += numbers.empty() ? "" : name;
    for (int64_t length : numbers)
      line += " " + number(length);
  };
  list(" query lengths", p.queryLengths);
  list(" key lengths", p.kvLengths);
  list(" query offsets", p.queryOffsets);
  list(" key offsets", p.kvOffsets);
  line += wantsLse ? " with lse" : " without lse";
  line += choices.empty() ? "" : " (" + choices + ")";
  return line + ", layouts " + layouts.query.name + " " + layouts.key.name + " " + layouts.value.name + " -> " +
         layouts.output.name + (wantsLse ? " " + layouts.lse.name : "");
}

} // namespace attn::reference
