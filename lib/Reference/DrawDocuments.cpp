// Captured numbers of a random spec's mask region, a row for each batch: document numbers, sorted or not, of which the region
// compares those of query and key, with documents of one position, of many and of none; or the block of keys that each block
// of queries sees besides its own.
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

/// A mask region over the row of the batch, of text that ends with the value %d.
void addMask(DrawnProblem &drawn, const std::string &type, const std::string &text, bool sorted) {
  drawn.regionArguments.insert(0, ", %numbers: " + type);
  drawn.regions += "\n      mask {\n      ^bb0(%b: index, %h: index, %i: index, %j: index):\n" + text +
                   "        attn.yield %d : i1\n      }";
  std::string name = std::string("%docs") + (sorted ? " sorted" : "");
  drawn.captureNames = drawn.captureNames.empty() ? name : name + ", " + drawn.captureNames;
  drawn.captureParameters = ", %docs: " + type;
  drawn.captureTypes = ", " + type;
}

/// The numbers become those of blocks, in any order.
void drawBlocks(Random &random, DrawnProblem &drawn, std::vector<int32_t> &numbers, int64_t length, const std::string &type) {
  int64_t size = random.pick<int64_t>({1, 7, 16, 32, 48, 64, 64, 100});
  for (int32_t &number : numbers)
    number = static_cast<int32_t>(random.between(-1, length / size));
  addMask(drawn, type,
          "        %d1 = arith.constant " + std::to_string(size) + " : index\n        %d2 = arith.divui %i, %d1 : index\n" +
              "        %d3 = arith.divui %j, %d1 : index\n        %d4 = tensor.extract %numbers[%b, %d2] : " + type +
              "\n        %d5 = arith.index_cast %d3 : index to i32\n        %d6 = arith.cmpi eq, %d4, %d5 : i32\n" +
              "        %d7 = arith.cmpi eq, %d2, %d3 : index\n        %d = arith.ori %d6, %d7 : i1\n",
          /*sorted=*/false);
  auto shared = std::make_shared<const std::vector<int32_t>>(std::move(numbers));
  drawn.problem.mask = [shared, length, size](int64_t b, int64_t, int64_t i, int64_t j) {
    return (*shared)[b * length + i / size] == j / size || i / size == j / size;
  };
  drawn.documents = std::move(shared);
  drawn.documentsLength = length;
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
  bool sorted = random.percent(85) || surelySorted;
  if (!sorted && random.percent(70))
    return drawBlocks(random, drawn, numbers, length, type);
  std::string read = " = tensor.extract %numbers[%b, ";
  addMask(drawn, type,
          "        %d1" + read + "%i] : " + type + "\n        %d2" + read + "%j] : " + type + "\n        %d = arith.cmpi " +
              comparison.predicate + ", %d1, %d2 : i32\n",
          sorted);
  auto shared = std::make_shared<const std::vector<int32_t>>(std::move(numbers));
  problem.mask = [shared, length, comparison](int64_t b, int64_t, int64_t i, int64_t j) {
    return comparison.holds((*shared)[b * length + i], (*shared)[b * length + j]);
  };
  drawn.documents = std::move(shared);
  drawn.documentsLength = length;
}

} // namespace attn::reference
