// Score and mask regions of a spec that read captured buffers: relative biases as T5 has them, and blocks that a table
// allows, as BigBird's are. What lies outside of a buffer reads as 0, so that some of them are made too small.
#include "SpecParts.h"

#include <algorithm>
#include <cstdlib>

namespace attn::reference {
namespace {

/// Captures a buffer for the regions, its extents all written out; returns the type. The regions call it `argument`.
std::string captureForRegions(Random &random, DrawnProblem &drawn, const std::string &name, const std::string &argument,
                              ElementType type, const std::vector<int64_t> &extents, std::vector<double> values) {
  std::string text = "tensor<";
  for (int64_t extent : extents)
    text += std::to_string(extent) + "x";
  text += typeName(type) + std::string(">");
  std::string captured = addCapture(random, drawn, name, type, extents, std::move(values));
  drawn.captures.back().fixed = true;
  drawn.captureNames += (drawn.captureNames.empty() ? "" : ", ") + captured;
  drawn.regionArguments += ", %" + argument + ": " + text;
  return text;
}

/// Bits of [heads, query blocks, key blocks], about three in five set.
std::vector<double> drawBits(Random &random, int64_t count) {
  std::vector<double> bits;
  for (int64_t i = 0; i < count; ++i)
    bits.push_back(random.percent(60) ? static_cast<double>(random.pick<int64_t>({1, 1, -1, 1 << 20})) : 0);
  return bits;
}

} // namespace

void drawBufferScore(Random &random, DrawnProblem &drawn) {
  Problem &problem = drawn.problem;
  ElementType type = random.pick({ElementType::F32, ElementType::F16, ElementType::BF16});
  int64_t heads = problem.queryHeads, reach = std::max<int64_t>(1, random.pick({problem.kvLength, int64_t(40)}));
  std::vector<double> values = drawValues(random, type, heads * reach, 1);
  std::string element = typeName(type), text;
  std::string tensor = captureForRegions(random, drawn, "relative", "bias_of", type, {heads, reach}, values);
  text = std::string("        %p1 = arith.subi %i, %j : index\n") + "        %p2 = math.absi %p1 : index\n" +
         "        %p3 = tensor.extract %bias_of[%h, %p2] : " + tensor + "\n";
  if (type != ElementType::F32)
    text += "        %p4 = arith.extf %p3 : " + element + " to f32\n";
  text += std::string("        %p5 = arith.addf %s, %p") + (type == ElementType::F32 ? "3" : "4") + " : f32\n";
  drawn.regions += "\n      score {\n      ^bb0(%s: f32, %b: index, %h: index, %i: index, %j: index):\n" + text +
                   "        attn.yield %p5 : f32\n      }";
  problem.score = [=](double x, int64_t, int64_t h, int64_t i, int64_t j) {
    int64_t distance = std::abs(i - j);
    return distance < reach ? x + values[static_cast<size_t>(h * reach + distance)] : x;
  };
}

void drawBufferMask(Random &random, DrawnProblem &drawn) {
  Problem &problem = drawn.problem;
  int64_t block = random.pick<int64_t>({16, 48, 64}), heads = problem.queryHeads;
  int64_t rows = problem.queryLength / block + 1, columns = problem.kvLength / block + random.below(2);
  columns = std::max<int64_t>(1, columns);
  std::vector<double> bits = drawBits(random, heads * rows * columns);
  std::string tensor = captureForRegions(random, drawn, "blocks", "allowed", ElementType::I32, {heads, rows, columns}, bits);
  drawn.regions += "\n      mask {\n      ^bb0(%b: index, %h: index, %i: index, %j: index):\n        %m1 = arith.constant " +
                   std::to_string(block) + " : index\n        %m2 = arith.divui %i, %m1 : index\n" +
                   "        %m3 = arith.divui %j, %m1 : index\n" +
                   "        %m4 = tensor.extract %allowed[%h, %m2, %m3] : " + tensor + "\n        %m5 = arith.constant 0 : i32\n        %m6 = arith.cmpi ne, %m4, %m5 : i32\n" +
                   "        attn.yield %m6 : i1\n      }";
  problem.maskReadsHead = true;
  problem.mask = [=](int64_t, int64_t h, int64_t i, int64_t j) {
    int64_t row = i / block, column = j / block;
    return column < columns && bits[static_cast<size_t>((h * rows + row) * columns + column)] != 0;
  };
}

} // namespace attn::reference
