// Sorted document numbers of a random spec, and a mask region that compares those of query and key: documents of one
// position, of many and of none, a row of numbers for each batch.
#include "SpecParts.h"

#include <algorithm>

namespace attn::reference {
namespace {

struct Comparison {
  const char *predicate;
  bool (*holds)(int32_t, int32_t);
};

Comparison drawComparison(Random &random) {
  return random.pick<Comparison>({{"eq", [](int32_t i, int32_t j) { return i == j; }},
                                  {"eq", [](int32_t i, int32_t j) { return i == j; }},
                                  {"eq", [](int32_t i, int32_t j) { return i == j; }},
                                  {"sge", [](int32_t i, int32_t j) { return i >= j; }},
                                  {"slt", [](int32_t i, int32_t j) { return i < j; }},
                                  {"ne", [](int32_t i, int32_t j) { return i != j; }}});
}

} // namespace

void drawDocuments(Random &random, DrawnProblem &drawn, bool surelySorted) {
  Problem &problem = drawn.problem;
  if (problem.mask || problem.batch == 0)
    return;
  int64_t length = std::max<int64_t>(1, std::max(problem.queryLength, problem.kvLength)) + random.pick<int64_t>({0, 0, 1, 200});
  std::vector<int32_t> numbers;
  for (int64_t b = 0; b < problem.batch; ++b) {
    int share = random.pick({1, 1, 3, 10, 50});
    auto number = static_cast<int32_t>(random.between(-3, 3));
    for (int64_t i = 0; i < length; ++i) {
      number += random.percent(share) ? static_cast<int32_t>(random.pick<int64_t>({1, 1, 2, 1000})) : 0;
      numbers.push_back(number);
    }
  }
  Comparison comparison = drawComparison(random);
  std::string extent = random.percent(30) ? std::to_string(length) : "?", type = "tensor<?x" + extent + "xi32>";
  drawn.regionArguments.insert(0, ", %numbers: " + type);
  std::string read = " = tensor.extract %numbers[%b, ";
  drawn.regions += "\n      mask {\n      ^bb0(%b: index, %h: index, %i: index, %j: index):\n        %d1" +
                   read + "%i] : " + type + "\n        %d2" + read + "%j] : " + type + "\n        %d3 = arith.cmpi " +
                   comparison.predicate + ", %d1, %d2 : i32\n        attn.yield %d3 : i1\n      }";
  std::string name = std::string("%docs") + (random.percent(85) || surelySorted ? " sorted" : "");
  drawn.captureNames = drawn.captureNames.empty() ? name : name + ", " + drawn.captureNames;
  drawn.captureParameters = ", %docs: " + type;
  drawn.captureTypes = ", " + type;
  auto shared = std::make_shared<const std::vector<int32_t>>(std::move(numbers));
  problem.mask = [shared, length, comparison](int64_t b, int64_t, int64_t i, int64_t j) {
    return comparison.holds((*shared)[b * length + i], (*shared)[b * length + j]);
  };
  drawn.documents = std::move(shared);
  drawn.documentsLength = length;
}

} // namespace attn::reference
