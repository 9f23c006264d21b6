// The parts of a random spec, each from its own stream of random numbers: sizes and masks, regions, memory, text.
#ifndef ATTN_LIB_REFERENCE_SPECPARTS_H
#define ATTN_LIB_REFERENCE_SPECPARTS_H

#include "attn/Reference/Random.h"
#include "attn/Reference/SpecGenerator.h"

namespace attn::reference {

/// A problem, and whether its scale is written in the spec.
struct DrawnProblem {
  Problem problem;
  bool scaleGiven = false;
  std::string masks;   ///< the text of the clauses that forbid pairs
  std::string softmax; ///< the text of the clauses for scores, sinks and dropout
  std::string regions; ///< the text of the score and mask regions
  std::vector<Capture> captures;
  /// Of further arguments: ", %x: type" in the signature, ", type" among the operands' types, and the clause that uses them.
  std::string parameters, operandTypes, clauses;
  /// The same of documents, which is the captured value of the regions and stands before all others.
  std::string captureParameters, captureTypes, captureClause;
  std::shared_ptr<const std::vector<int32_t>> documents;
  int64_t documentsLength = 0;
};

DrawnProblem drawProblem(Random &random, const GeneratorOptions &options);
/// Adds further clauses: softcap, ALiBi, bias, prefix, chunks, documents, sinks, dropout.
void drawClauses(Random &random, DrawnProblem &drawn);
/// Adds a score region, a mask region or both to a problem and its text.
void drawRegions(Random &random, DrawnProblem &drawn);
/// Gives the batches of a problem lengths of their own, with their text.
void drawRagged(Random &random, DrawnProblem &drawn);
/// Adds a mask region over sorted document numbers, where there is none yet. After drawRagged.
void drawDocuments(Random &random, DrawnProblem &drawn);
Layouts drawLayouts(Random &random, const Problem &problem);
std::string drawText(Random &random, const DrawnProblem &drawn, bool wantsLse);

} // namespace attn::reference

#endif // ATTN_LIB_REFERENCE_SPECPARTS_H
