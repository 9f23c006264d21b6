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
  /// The same of documents, which stands before all other captured values.
  std::string captureParameters, captureTypes;
  /// What the regions capture, as the clause lists it, and the arguments that each region takes for it.
  std::string captureNames, regionArguments;
  /// Which extents of query, key, value and results the text states; those of operands are mixed in any case.
  enum class Extents { Mixed, Static, Dynamic } extents = Extents::Mixed;
  std::shared_ptr<const std::vector<int32_t>> documents;
  int64_t documentsLength = 0;
};

DrawnProblem drawProblem(Random &random, const GeneratorOptions &options);
/// Adds further clauses: softcap, ALiBi, bias, prefix, chunks, documents, sinks, dropout.
void drawClauses(Random &random, DrawnProblem &drawn);
/// One of them each. With `byOperand` given, dropout has its seed there or not, and a probability that is not 0.
void drawSoftcap(Random &random, DrawnProblem &drawn);
void drawAlibi(Random &random, DrawnProblem &drawn);
void drawBias(Random &random, DrawnProblem &drawn);
void drawPrefix(Random &random, DrawnProblem &drawn);
void drawChunk(Random &random, DrawnProblem &drawn);
void drawDocumentClause(Random &random, DrawnProblem &drawn);
void drawSinks(Random &random, DrawnProblem &drawn);
void drawDropout(Random &random, DrawnProblem &drawn, std::optional<bool> byOperand = std::nullopt);
/// Adds a captured buffer of rank 1 to 4 with gaps between its elements; returns the name that the text gives it.
std::string addCapture(Random &random, DrawnProblem &drawn, const std::string &name, ElementType type,
                       const std::vector<int64_t> &extents, std::vector<double> values);
/// Normal numbers of a type.
std::vector<double> drawValues(Random &random, ElementType type, int64_t count, double magnitude);
/// Adds a score region, a mask region or both to a problem and its text.
void drawRegions(Random &random, DrawnProblem &drawn);
/// What a mask region is made of: anything, bounds and chunks, remainders.
enum class MaskTerms { Any, ClosedForm, Stripes };
void drawScoreRegion(Random &random, DrawnProblem &drawn);
void drawMaskRegion(Random &random, DrawnProblem &drawn, MaskTerms terms);
/// Regions that read a buffer: a score by head and distance, a mask by blocks. Before the clauses with operands.
void drawBufferScore(Random &random, DrawnProblem &drawn);
void drawBufferMask(Random &random, DrawnProblem &drawn);
/// Gives the batches of a problem lengths of their own, with their text.
void drawRagged(Random &random, DrawnProblem &drawn);
/// The same for given sides: bit 0 the queries, bit 1 the keys.
void drawRaggedSides(Random &random, DrawnProblem &drawn, int64_t packed, int64_t padded);
/// Adds a mask region over sorted document numbers, where there is none yet. After drawRagged.
void drawDocuments(Random &random, DrawnProblem &drawn, bool surelySorted = false);
Layouts drawLayouts(Random &random, const Problem &problem);
std::string drawText(Random &random, const DrawnProblem &drawn, bool wantsLse);

} // namespace attn::reference

#endif // ATTN_LIB_REFERENCE_SPECPARTS_H
