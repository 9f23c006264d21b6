// attn-tune's kinds, space of plans and table: what it writes is what the compiler reads.
#include "Space.h"
#include "Table.h"

#include "attn/Compiler/Compiler.h"
#include "attn/Compiler/Plans.h"

#include <gtest/gtest.h>

#include <algorithm>

using namespace attn;
using namespace attn::tools;

namespace {
const std::string plan = "#tile.plan<target = \"sm_90a\", query_tile = 128, kv_tile = 96, warpgroups = 2, stages = 2, "
                         "overlap = true, ping_pong = false>";
}

TEST(Tune, WritesTablesThatTheCompilerTakes) {
  Kind kind;
  kind.mask = "causal", kind.group = 4;
  TableHead head{"NVIDIA H200", "attn-mlir 0", "2026-11-25", "attn-tune -o x", true};
  std::string text = tableText(head, {{kind, 2048, plan, 600, 550}, {kind, 0, plan, 0.99, 0.9}});
  EXPECT_NE(text.find("The time was up"), std::string::npos);
  EXPECT_NE(text.find("600.0 TFLOP/s; the plan chosen before 550.0"), std::string::npos);
  Result<std::vector<compiler::TablePlan>> plans = compiler::plansOfTable(text);
  ASSERT_TRUE(bool(plans)) << plans.error().message;
  ASSERT_EQ(plans->size(), 1u);
  EXPECT_EQ(plans->front().text, plan);
  EXPECT_TRUE(plans->front().fits(128, 128, 1));
  EXPECT_FALSE(plans->front().fits(256, 256, 1));

  compiler::CompileOptions options;
  options.target = "sm_90a", options.emit = compiler::Emit::Mlir, options.stopAfter = "planned";
  options.planTable = text, options.remarks = true;
  Result<compiler::CompileOutput> output = compiler::compile(kind.spec(), options);
  ASSERT_TRUE(bool(output)) << output.error().message;
  EXPECT_NE(output->remarks.front().find(plan + ", from the user's table"), std::string::npos) << output->remarks.front();
}

TEST(Tune, AnEmptyTableIsOne) {
  EXPECT_TRUE(bool(compiler::plansOfTable(tableText({}, {}))));
  EXPECT_TRUE(bool(compiler::plansOfTable("")));
  EXPECT_FALSE(bool(compiler::plansOfTable("{}")));
}

TEST(Tune, ChangesOneFieldOfAPlan) {
  EXPECT_EQ(withField("<kv_tile = 8, overlap = true>", "kv_tile", "16"), "<kv_tile = 16, overlap = true>");
  EXPECT_EQ(withField("<kv_tile = 8>", "tile", "3"), "<kv_tile = 8, tile = 3>");
  EXPECT_EQ(withField("<kv_tile = 8>", "persistent", "false"), "<kv_tile = 8>");
  EXPECT_EQ(withField("<kv_tile = 8, persistent = true>", "persistent", "false"), "<kv_tile = 8, persistent = false>");
}

namespace {
Kind kindAt(const std::string &lengths) {
  Result<std::vector<int64_t>> parsed = parseLengths(lengths);
  return parseKinds("128", "all", "bf16", "1", 0, *parsed)->front();
}
} // namespace

TEST(Tune, TriesTheUsualPlanFirstAndEachPlanOnce) {
  Result<std::vector<Field>> space = parseSpace(defaultSpace);
  ASSERT_TRUE(bool(space));
  std::vector<Candidate> found = rankPlans(kindAt("512,8192"), plan, *space, {4, 2});
  EXPECT_EQ(found.front().plan, plan);
  // The usual one and four tiles, and two of them with each of nine switches turned, each of three splits and each of two groups.
  EXPECT_LE(found.size(), 5u + 2u * 14u);
  EXPECT_GT(found.size(), 5u);
  for (size_t i = 0; i != found.size(); ++i)
    for (size_t j = 0; j != i; ++j)
      EXPECT_NE(found[i].plan, found[j].plan);
}

TEST(Tune, TakesTilesForSingleLengthsToo) {
  Result<std::vector<Field>> space = parseSpace("warpgroups = 1 2; kv_tile = 64 80 96 112 128 144; stages = 2");
  ASSERT_TRUE(bool(space));
  auto tilesOf = [&](const std::string &lengths) { return rankPlans(kindAt(lengths), plan, *space, {4, 0}).size(); };
  EXPECT_GE(tilesOf("128"), 4u);
  EXPECT_GE(tilesOf("128,16384"), 4u);
}

TEST(Tune, TriesColumnsOfSumsWhereTheyChangeTheKernel) {
  Result<std::vector<Field>> space = parseSpace("kv_tile = 64; sum_column = false true");
  ASSERT_TRUE(bool(space));
  auto hasColumns = [&](int64_t headDim) {
    Kind kind = kindAt("1024");
    kind.headDim = kind.valueDim = headDim;
    std::vector<Candidate> found = rankPlans(kind, plan, *space, {4, 4});
    return std::any_of(found.begin(), found.end(), [](const Candidate &each) { return each.plan.find("sum_column = true") != std::string::npos; });
  };
  EXPECT_TRUE(hasColumns(64));
  EXPECT_FALSE(hasColumns(128));
}

TEST(Tune, AKindOfASpecIsThatOfItsKey) {
  Kind made = kindAt("1024");
  made.mask = "causal", made.group = 2;
  Result<Kind> read = kindOfSpec(made.spec(), "spec", {"q=2x16x512x128", "k=2x8x64x128", "v=2x8x64x128", "q=1x16x256x128"});
  ASSERT_TRUE(bool(read)) << read.error().message;
  EXPECT_EQ(read->name(), made.name());
  EXPECT_EQ(read->queryHeads, 16);
  ASSERT_EQ(read->points.size(), 2u);
  EXPECT_EQ(read->points[0].length, 64);
  EXPECT_EQ(read->points[0].queryLength, 512);
  EXPECT_EQ(read->points[1].length, 256);
}

TEST(EveryPlan, OfTheSampleIsLoweredUpToTheProofOfItsProtocol) {
  unsigned lowered = 0;
  std::vector<compiler::TablePlan> samples = compiler::plansOfSpace("sm_90a");
  // Every fifth, which is each schedule twice: proofs take seconds.
  for (size_t i = 0; i < samples.size(); i += 5) {
    const compiler::TablePlan &sample = samples[i];
    compiler::CompileOptions options;
    options.target = "sm_90a", options.emit = compiler::Emit::Mlir, options.stopAfter = "checked";
    options.plan = sample.text;
    Kind kind;
    kind.headDim = kind.valueDim = 64, kind.group = 4, kind.queryHeads = 8;
    if (!sample.fits(64, 64, kind.group))
      continue;
    Result<compiler::CompileOutput> output = compiler::compile(kind.spec(), options);
    EXPECT_TRUE(bool(output)) << sample.text << ": " << output.error().message;
    ++lowered;
  }
  EXPECT_GT(lowered, 8u);
}
