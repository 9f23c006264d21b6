// Score and mask regions of a random spec: each piece is drawn as text for the compiler and as a function for the oracle.
#include "SpecParts.h"

#include <cmath>
#include <cstdio>

namespace attn::reference {
namespace {

/// Text that leaves a value behind, its name, and the same as a function of batch, head, query, key.
struct Condition {
  std::string text, name;
  std::function<bool(int64_t, int64_t, int64_t, int64_t)> holds;
};

/// Numbers the values of one region.
class Names {
public:
  std::string next() { return "%x" + std::to_string(++count); }

private:
  int count = 0;
};

/// One operation on a line of its own; returns its value's name.
std::string emit(std::string &text, Names &names, const std::string &operation) {
  std::string name = names.next();
  text += "        " + name + " = " + operation + "\n";
  return name;
}

std::string constant(std::string &text, Names &names, int64_t value) {
  return emit(text, names, "arith.constant " + std::to_string(value) + " : index");
}

/// (a * query + b * key + head) mod m != r.
Condition drawStripes(Random &random, Names &names) {
  Condition drawn;
  int64_t a = random.between(0, 3), b = random.between(0, 3), m = random.between(2, 9), r = random.below(m);
  std::string &text = drawn.text;
  std::string left = emit(text, names, "arith.muli %i, " + constant(text, names, a) + " : index");
  std::string right = emit(text, names, "arith.muli %j, " + constant(text, names, b) + " : index");
  std::string sum = emit(text, names, "arith.addi " + left + ", " + right + " : index");
  sum = emit(text, names, "arith.addi " + sum + ", %h : index");
  std::string rest = emit(text, names, "arith.remui " + sum + ", " + constant(text, names, m) + " : index");
  drawn.name = emit(text, names, "arith.cmpi ne, " + rest + ", " + constant(text, names, r) + " : index");
  drawn.holds = [=](int64_t, int64_t h, int64_t i, int64_t j) { return (a * i + b * j + h) % m != r; };
  return drawn;
}

/// Query and key, the query moved by some, in one chunk.
Condition drawChunks(Random &random, Names &names) {
  Condition drawn;
  int64_t size = random.pick<int64_t>({1, 16, 33, 64, 100, 128, 300}), shift = random.between(-70, 70);
  std::string &text = drawn.text;
  std::string moved = emit(text, names, "arith.addi %i, " + constant(text, names, shift) + " : index");
  std::string query = emit(text, names, "arith.floordivsi " + moved + ", " + constant(text, names, size) + " : index");
  std::string key = emit(text, names, "arith.floordivsi %j, " + constant(text, names, size) + " : index");
  drawn.name = emit(text, names, "arith.cmpi eq, " + query + ", " + key + " : index");
  drawn.holds = [=](int64_t, int64_t, int64_t i, int64_t j) {
    return std::floor(static_cast<double>(i + shift) / size) == std::floor(static_cast<double>(j) / size);
  };
  return drawn;
}

/// The distance of query and key, or the key alone, against a bound.
Condition drawBound(Random &random, Names &names) {
  Condition drawn;
  int64_t bound = random.between(-20, 400);
  bool distance = random.percent(60), below = random.percent(50);
  std::string value = distance ? emit(drawn.text, names, "arith.subi %j, %i : index") : "%j";
  std::string predicate = below ? "slt" : "sge";
  drawn.name = emit(drawn.text, names,
                    "arith.cmpi " + predicate + ", " + value + ", " + constant(drawn.text, names, bound) + " : index");
  drawn.holds = [=](int64_t, int64_t, int64_t i, int64_t j) { return ((distance ? j - i : j) < bound) == below; };
  return drawn;
}

/// A term, or two or three of them joined; now and then turned into the opposite.
Condition drawCondition(Random &random, Names &names) {
  auto term = [&] {
    switch (random.below(3)) {
    case 0:
      return drawStripes(random, names);
    case 1:
      return drawChunks(random, names);
    default:
      return drawBound(random, names);
    }
  };
  Condition drawn = term();
  for (int64_t more = random.below(3); more > 0; --more) {
    Condition other = term();
    int64_t kind = random.below(3);
    static const char *const operations[] = {"arith.andi ", "arith.ori ", "arith.xori "};
    drawn.text += other.text;
    drawn.name = emit(drawn.text, names, operations[kind] + drawn.name + ", " + other.name + " : i1");
    drawn.holds = [=, left = drawn.holds, right = other.holds](int64_t b, int64_t h, int64_t i, int64_t j) {
      bool x = left(b, h, i, j), y = right(b, h, i, j);
      return kind == 0 ? x && y : kind == 1 ? x || y : x != y;
    };
  }
  return drawn;
}

std::string number(double value) {
  char text[40];
  std::snprintf(text, sizeof text, "%.9e", value);
  return text;
}

using Score = std::function<double(double, int64_t, int64_t, int64_t, int64_t)>;

/// One change of a score: softcap, a bias by distance and head, a condition that lowers it.
Score drawChange(Random &random, Names &names, std::string &text, std::string &score) {
  switch (random.below(3)) {
  case 0: {
    double cap = random.pick({1.0, 5.0, 30.0});
    std::string by = emit(text, names, "arith.constant " + number(cap) + " : f32");
    std::string ratio = emit(text, names, "arith.divf " + score + ", " + by + " : f32");
    std::string bounded = emit(text, names, "math.tanh " + ratio + " : f32");
    score = emit(text, names, "arith.mulf " + bounded + ", " + by + " : f32");
    return [=](double x, int64_t, int64_t, int64_t, int64_t) { return cap * std::tanh(x / cap); };
  }
  case 1: {
    std::string head = emit(text, names, "arith.index_cast %h : index to i32");
    std::string real = emit(text, names, "arith.sitofp " + head + " : i32 to f32");
    std::string slope = emit(text, names, "math.exp2 " + emit(text, names, "arith.negf " + real + " : f32") + " : f32");
    std::string distance = emit(text, names, "arith.subi %i, %j : index");
    std::string steps = emit(text, names, "arith.index_cast " + distance + " : index to i32");
    std::string length = emit(text, names, "math.absf " + emit(text, names, "arith.sitofp " + steps + " : i32 to f32") + " : f32");
    std::string bias = emit(text, names, "arith.mulf " + slope + ", " + length + " : f32");
    std::string part = emit(text, names, "arith.constant " + number(0.125) + " : f32");
    score = emit(text, names, "arith.subf " + score + ", " + emit(text, names, "arith.mulf " + bias + ", " + part + " : f32") + " : f32");
    return [](double x, int64_t, int64_t h, int64_t i, int64_t j) {
      return x - std::exp2(-static_cast<double>(h)) * static_cast<double>(std::abs(i - j)) * 0.125;
    };
  }
  default:
    Condition condition = drawCondition(random, names);
    text += condition.text;
    std::string less = emit(text, names, "arith.constant " + number(1.5) + " : f32");
    std::string lowered = emit(text, names, "arith.subf " + score + ", " + less + " : f32");
    score = emit(text, names, "arith.select " + condition.name + ", " + score + ", " + lowered + " : f32");
    return [holds = condition.holds](double x, int64_t b, int64_t h, int64_t i, int64_t j) {
      return holds(b, h, i, j) ? x : x - 1.5;
    };
  }
}

} // namespace

void drawScoreRegion(Random &random, DrawnProblem &drawn) {
  Problem &problem = drawn.problem;
  Names names;
  std::string text, score = "%s";
  for (int64_t changes = random.between(1, 2); changes > 0; --changes) {
    Score change = drawChange(random, names, text, score);
    problem.score = [before = problem.score, change](double x, int64_t b, int64_t h, int64_t i, int64_t j) {
      return change(before ? before(x, b, h, i, j) : x, b, h, i, j);
    };
  }
  drawn.regions += "\n      score {\n      ^bb0(%s: f32, %b: index, %h: index, %i: index, %j: index):\n" + text +
                   "        attn.yield " + score + " : f32\n      }";
}

void drawMaskRegion(Random &random, DrawnProblem &drawn, MaskTerms terms) {
  Names names;
  Condition condition = terms == MaskTerms::Any       ? drawCondition(random, names)
                        : terms == MaskTerms::Stripes ? drawStripes(random, names)
                        : random.percent(50)          ? drawChunks(random, names)
                                                      : drawBound(random, names);
  drawn.problem.mask = condition.holds;
  drawn.problem.maskReadsHead = condition.text.find("%h") != std::string::npos;
  drawn.regions += "\n      mask {\n      ^bb0(%b: index, %h: index, %i: index, %j: index):\n" + condition.text +
                   "        attn.yield " + condition.name + " : i1\n      }";
}

void drawRegions(Random &random, DrawnProblem &drawn) {
  if (random.percent(70))
    drawScoreRegion(random, drawn);
  if (random.percent(70))
    drawMaskRegion(random, drawn, MaskTerms::Any);
}

} // namespace attn::reference
