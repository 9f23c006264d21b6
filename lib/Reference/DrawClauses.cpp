// Clauses of a random spec besides the basic ones, each drawn as text for the compiler, as buffers for the launch and as
// numbers for the oracle.
#include "SpecParts.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace attn::reference {

std::string addCapture(Random &random, DrawnProblem &drawn, const std::string &name, ElementType type,
                       const std::vector<int64_t> &extents, std::vector<double> values) {
  Capture capture;
  capture.name = name;
  capture.rank = static_cast<int32_t>(extents.size());
  capture.layout.type = type;
  std::fill(capture.layout.shape, capture.layout.shape + 4, 1);
  std::copy(extents.begin(), extents.end(), capture.layout.shape);
  int64_t step = 1;
  for (int axis = 3; axis >= 0; --axis) {
    if (axis < capture.rank && random.percent(30))
      step += random.between(1, 3);
    capture.layout.strides[axis] = step;
    step *= std::max<int64_t>(1, capture.layout.shape[axis]);
  }
  capture.values = std::move(values);
  drawn.captures.push_back(std::move(capture));
  return "%" + name;
}

std::vector<double> drawValues(Random &random, ElementType type, int64_t count, double magnitude) {
  std::vector<double> values;
  for (int64_t i = 0; i != count; ++i)
    values.push_back(roundTo(type, magnitude * random.normal()));
  return values;
}

void drawDropout(Random &random, DrawnProblem &drawn, std::optional<bool> byOperand) {
  Dropout dropout;
  dropout.probability = random.pick({0.0, 0.1, 0.25, 0.5, 0.9, static_cast<double>(random.between(1, 999)) / 1000});
  dropout.seed = random.next();
  if (byOperand)
    dropout.probability = random.pick({0.1, 0.25, 0.5});
  char text[100];
  std::snprintf(text, sizeof text, "\n      dropout(#attn.dropout<probability = %.17e", dropout.probability);
  drawn.softmax += text;
  bool operand = random.percent(50);
  if (byOperand.value_or(operand)) {
    auto word = [&](int at) { return static_cast<double>(static_cast<int32_t>(dropout.seed >> 32 * at)); };
    std::string name = addCapture(random, drawn, "seed", ElementType::I32, {2}, {word(0), word(1)});
    drawn.captures.back().fixed = true;
    drawn.softmax += ">, " + name + ")";
  } else {
    drawn.softmax += ", seed = " + std::to_string(dropout.seed) + ">)";
  }
  drawn.problem.dropout = dropout;
}

void drawSoftcap(Random &random, DrawnProblem &drawn) {
  drawn.problem.softcap = random.pick({0.5, 5.0, 30.0, 50.0});
  drawn.softmax += "\n      softcap(" + std::to_string(*drawn.problem.softcap) + ")";
}

void drawAlibi(Random &random, DrawnProblem &drawn) {
  Problem &problem = drawn.problem;
  std::vector<double> slopes;
  for (int64_t h = 0; h != problem.queryHeads; ++h)
    slopes.push_back(static_cast<float>(random.between(0, 100) / 128.0));
  std::string name = addCapture(random, drawn, "slopes", ElementType::F32, {problem.queryHeads}, slopes);
  drawn.softmax += "\n      alibi(" + name + ")";
  problem.slope = [slopes](int64_t h) { return slopes[h]; };
}

void drawBias(Random &random, DrawnProblem &drawn) {
  Problem &problem = drawn.problem;
  std::vector<int64_t> extents = {problem.batch, problem.queryHeads, problem.queryLength, problem.kvLength};
  for (int axis = 0; axis != 4; ++axis)
    if (random.percent(25))
      extents[axis] = 1;
  ElementType type = random.pick({ElementType::F32, ElementType::F16, ElementType::BF16});
  std::vector<double> values = drawValues(random, type, extents[0] * extents[1] * extents[2] * extents[3], 2);
  drawn.softmax += "\n      bias(" + addCapture(random, drawn, "bias", type, extents, values) + ")";
  problem.bias = [extents, values](int64_t b, int64_t h, int64_t i, int64_t j) {
    int64_t indices[4] = {b, h, i, j}, at = 0;
    for (int axis = 0; axis != 4; ++axis)
      at = at * extents[axis] + (extents[axis] == 1 ? 0 : indices[axis]);
    return values[at];
  };
}

// The text of the clauses that forbid pairs stands in front of the scale.

void drawPrefix(Random &random, DrawnProblem &drawn) {
  Problem &problem = drawn.problem;
  std::vector<double> lengths;
  for (int64_t b = random.percent(30) ? 1 : problem.batch; b != 0; --b)
    lengths.push_back(static_cast<double>(random.between(-1, problem.kvLength + 5)));
  std::string name = addCapture(random, drawn, "prefix", ElementType::I32, {static_cast<int64_t>(lengths.size())}, lengths);
  drawn.masks += "\n      prefix(" + name + ")";
  problem.prefix = [lengths](int64_t b) { return static_cast<int64_t>(lengths[lengths.size() == 1 ? 0 : b]); };
}

void drawChunk(Random &random, DrawnProblem &drawn) {
  drawn.problem.chunk = random.pick<int64_t>({1, 16, 50, 64, 100, 128, 300, 100000});
  drawn.masks += "\n      chunk(" + std::to_string(*drawn.problem.chunk) + ")";
}

void drawDocumentClause(Random &random, DrawnProblem &drawn) {
  Problem &problem = drawn.problem;
  std::vector<double> ids;
  int64_t batches = random.percent(30) ? 1 : problem.batch, keys = problem.kvLength;
  for (int64_t b = 0; b != batches; ++b)
    for (int64_t j = 0, id = random.between(-1, 1); j != keys; ++j)
      ids.push_back(static_cast<double>(id += random.percent(2)));
  // They never fall; half of the specs say so. Nothing is drawn for it, which would change all that is drawn behind.
  std::string name = addCapture(random, drawn, "ids", ElementType::I32, {batches, keys}, ids);
  drawn.masks += "\n      documents(" + name + (keys % 2 ? " sorted)" : ")");
  problem.document = [=](int64_t b, int64_t at) {
    return static_cast<int64_t>(ids[(batches == 1 ? 0 : b) * keys + at]);
  };
}

void drawSinks(Random &random, DrawnProblem &drawn) {
  std::vector<double> sinks = drawValues(random, ElementType::F32, drawn.problem.queryHeads, 4);
  if (random.percent(10))
    sinks[0] = -INFINITY;
  std::string name = addCapture(random, drawn, "sinks", ElementType::F32, {drawn.problem.queryHeads}, sinks);
  drawn.softmax += "\n      sinks(" + name + ")";
  drawn.problem.sink = [sinks](int64_t h) { return sinks[h]; };
}

void drawClauses(Random &random, DrawnProblem &drawn) {
  const Problem &problem = drawn.problem;
  const Causality &causality = problem.causality;
  if (random.percent(30))
    drawSoftcap(random, drawn);
  if (random.percent(30))
    drawAlibi(random, drawn);
  int64_t pairs = std::max<int64_t>(1, problem.queryLength * problem.kvLength);
  if (random.percent(30) && problem.batch * problem.queryHeads * pairs < 4'000'000)
    drawBias(random, drawn);
  bool bounded = causality.kind != CausalityKind::None || causality.left || causality.right;
  if (random.percent(30) && bounded)
    drawPrefix(random, drawn);
  if (random.percent(30))
    drawChunk(random, drawn);
  if (random.percent(30))
    drawDocumentClause(random, drawn);
  if (random.percent(30))
    drawSinks(random, drawn);
  if (random.percent(30))
    drawDropout(random, drawn);
}

} // namespace attn::reference
