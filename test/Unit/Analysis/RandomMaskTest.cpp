// The ranges of random mask regions against brute force: an absent block never holds an allowed pair, a full one never a
// forbidden pair, and nearly all regions visit no block too many.
#include "MaskRegions.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

#include <gtest/gtest.h>

using namespace mlir;
using namespace ::attn::test;
using ::attn::analysis::MaskRanges;

static constexpr unsigned kRegions = 2400;

static int64_t draw(std::mt19937 &random, int64_t from, int64_t to) {
  return std::uniform_int_distribution<int64_t>(from, to)(random);
}

static ::attn::analysis::TiledBand drawBand(std::mt19937 &random) {
  ::attn::analysis::TiledBand band{draw(random, 1, 5), draw(random, 1, 5), std::nullopt, std::nullopt};
  if (draw(random, 0, 3) == 0)
    band.upper = draw(random, 0, 4);
  if (draw(random, 0, 3) == 0)
    band.lower = -draw(random, 0, 6);
  return band;
}

TEST(RandomMasks, NeverLoseAPairAndVisitLittleMore) {
  MLIRContext context;
  context.loadDialect<arith::ArithDialect, func::FuncDialect, tensor::TensorDialect>();
  context.disableMultithreading();
  unsigned derived = 0, optimal = 0, optimalFull = 0;
  for (unsigned seed = 0; seed < kRegions; ++seed) {
    std::mt19937 random(seed);
    OwningOpRef<ModuleOp> module = drawMask(context, random);
    ASSERT_TRUE(module);
    Block &region = getRegion(*module);
    MaskRanges mask = MaskRanges::derive(region, drawBand(random));
    ASSERT_LE(mask.visited().size(), MaskRanges::kMaxRanges);
    bool tight = true, tightFull = true;
    for (int launch = 0; launch < 6; ++launch) {
      auto scalar = [&] { return std::vector<int64_t>{draw(random, -4, 14)}; };
      Captures captures{draw(random, 0, 2), draw(random, 0, 2), {scalar(), scalar(), {3, 8, 11}}};
      Comparison result = compare(mask, region, {draw(random, 0, 14), draw(random, 0, 14), draw(random, -4, 4), captures});
      if (!result.wrong.empty()) {
        module->dump();
        FAIL() << "seed " << seed << ": " << result.wrong;
      }
      tight &= result.visited == result.needed;
      tightFull &= result.full == result.couldBeFull;
    }
    bool isDerived = mask.outcome() == MaskRanges::Outcome::Derived;
    derived += isDerived;
    optimal += isDerived && tight;
    optimalFull += isDerived && tightFull;
  }
  printf("%u regions, %u derived, %u of them visit no block too many, %u mask none too many\n", kRegions, derived, optimal,
         optimalFull);
  EXPECT_GE(derived, 2000u);
  EXPECT_GE(optimal, derived * 0.95);
  EXPECT_GE(optimalFull, derived * 0.95);
}

TEST(RandomMasks, NeverLoseAPairOfSortedNumbers) {
  MLIRContext context;
  context.loadDialect<arith::ArithDialect, func::FuncDialect, tensor::TensorDialect>();
  context.disableMultithreading();
  unsigned searched = 0, optimal = 0;
  constexpr unsigned regions = 800;
  for (unsigned seed = 0; seed < regions; ++seed) {
    std::mt19937 random(seed);
    OwningOpRef<ModuleOp> module = drawSortedMask(context, random);
    ASSERT_TRUE(module);
    Block &region = getRegion(*module);
    MaskRanges mask = MaskRanges::derive(region, drawBand(random), {3});
    bool tight = true;
    for (int launch = 0; launch < 6; ++launch) {
      auto scalar = [&] { return std::vector<int64_t>{draw(random, -4, 14)}; };
      std::vector<int64_t> ids;
      for (int64_t number = draw(random, -3, 3); ids.size() < 24; number += draw(random, 0, 2) * draw(random, 0, 1))
        ids.push_back(number);
      Captures captures{draw(random, 0, 2), draw(random, 0, 2), {scalar(), scalar(), {3, 8, 11}, ids}};
      Comparison result = compare(mask, region, {draw(random, 0, 14), draw(random, 0, 14), draw(random, -4, 4), captures});
      if (!result.wrong.empty()) {
        module->dump();
        FAIL() << "seed " << seed << ": " << result.wrong;
      }
      tight &= result.visited == result.needed;
    }
    bool isSearched = mask.outcome() == MaskRanges::Outcome::Searched;
    searched += isSearched;
    optimal += isSearched && tight;
  }
  printf("%u regions, %u searched, %u of them visit no block too many\n", regions, searched, optimal);
  EXPECT_GE(searched, regions / 3);
  EXPECT_GE(optimal, searched * 0.8);
}
