// The cost model against rates measured on an H200, and against what must be true of any model.
#include "attn/Analysis/PlanCost.h"

#include <gtest/gtest.h>

using namespace attn::analysis;
using attn::target::hopper;

namespace {

struct Measured {
  int64_t headDim, kvTile, warpgroups, length;
  bool causal;
  double teraflops;
};

// docs/measured/h200-fit.json: bf16, batch times length 16384, plans as chosen then.
constexpr Measured measured[] = {
    {128, 176, 2, 512, false, 347},  {128, 128, 2, 512, true, 222},   {128, 176, 2, 1024, false, 464},
    {128, 128, 2, 1024, true, 328},  {128, 176, 2, 2048, false, 533}, {128, 128, 2, 2048, true, 426},
    {128, 176, 2, 8192, false, 632}, {128, 128, 2, 8192, true, 565},  {128, 176, 2, 16384, false, 650},
    {128, 128, 2, 16384, true, 617}, {64, 128, 3, 1024, false, 347},  {64, 128, 3, 1024, true, 227},
    {64, 128, 3, 2048, false, 434},  {64, 128, 3, 2048, true, 329},   {64, 128, 3, 8192, false, 508},
    {64, 128, 3, 8192, true, 455},   {64, 128, 3, 16384, false, 518}, {64, 128, 3, 16384, true, 485},
    {256, 80, 2, 2048, false, 591},  {256, 80, 2, 2048, true, 463},   {256, 80, 2, 8192, false, 697},
    {256, 80, 2, 8192, true, 626}};

Workload workloadOf(const Measured &row) {
  Workload workload;
  workload.headDim = workload.valueDim = row.headDim;
  workload.queryLength = workload.kvLength = row.length;
  workload.batchHeads = 16384 / row.length * (2048 / row.headDim);
  workload.causal = row.causal;
  return workload;
}

} // namespace

TEST(PlanCost, IsWithin10PercentOfWhatWasMeasured) {
  for (const Measured &row : measured) {
    PlanCost cost = estimatePlan(workloadOf(row), {row.kvTile, row.warpgroups, 2}, hopper);
    EXPECT_NEAR(cost.teraflops / row.teraflops, 1, 0.1)
        << "head_dim " << row.headDim << ", length " << row.length << (row.causal ? ", causal" : "") << ": "
        << cost.teraflops << " for " << row.teraflops;
  }
}

TEST(PlanCost, IsWithin12PercentOfPersistentPlans) {
  // Rates of an H100 at 1024 keys and more, and for two warpgroups at head_dim 64 the ratios of docs/measured/h100-checks.md.
  constexpr Measured persistent[] = {
      {64, 96, 3, 1024, false, 390},  {64, 96, 3, 1024, true, 256},   {64, 96, 3, 2048, false, 458}, {64, 96, 3, 2048, true, 369},
      {64, 96, 3, 8192, false, 505},  {64, 96, 3, 8192, true, 476},   {64, 128, 2, 1024, true, 300}, {64, 128, 2, 8192, true, 440},
      {128, 128, 2, 512, false, 452}, {128, 128, 2, 512, true, 282},  {128, 128, 2, 1024, false, 547},
      {128, 128, 2, 1024, true, 395}, {128, 128, 2, 8192, false, 664}, {128, 128, 2, 8192, true, 641},
      {256, 80, 2, 2048, false, 635}, {256, 80, 2, 2048, true, 510},  {256, 80, 2, 8192, false, 696}, {256, 80, 2, 8192, true, 664}};
  for (const Measured &row : persistent) {
    PlanShape plan{row.kvTile, row.warpgroups, 2, /*overlap=*/true, /*pingPong=*/false, /*persistent=*/true};
    EXPECT_NEAR(estimatePlan(workloadOf(row), plan, hopper).teraflops / row.teraflops, 1, 0.12)
        << "head_dim " << row.headDim << ", length " << row.length << (row.causal ? ", causal" : "");
  }
}

TEST(PlanCost, PrefersTwoWarpgroupsAtHeadDim64WhereSequencesAreShort) {
  auto gain = [](int64_t length) {
    Workload workload = workloadOf({64, 0, 0, length, true, 0});
    return estimatePlan(workload, {128, 2, 2, true, false, true}, hopper).teraflops /
           estimatePlan(workload, {96, 3, 2, true, false, true}, hopper).teraflops;
  };
  EXPECT_GT(gain(1024), 1.15);
  EXPECT_LT(gain(8192), 1.05);
}

TEST(PlanCost, NamesWhatBoundsAKernel) {
  Workload workload;
  EXPECT_EQ(estimatePlan(workload, {176, 2, 2}, hopper).bound(), "tensor pipe");
  workload.headDim = workload.valueDim = 48;
  EXPECT_EQ(estimatePlan(workload, {128, 3, 2}, hopper).bound(), "exponentials");
  workload.queryLength = workload.kvLength = 256;
  EXPECT_EQ(estimatePlan(workload, {128, 3, 2}, hopper).bound(), "start and end of programs");
}

TEST(PlanCost, CountsWavesOverTheMultiprocessors) {
  Workload workload;
  workload.queryLength = 128;
  workload.batchHeads = hopper.multiprocessors;
  double one = estimatePlan(workload, {128, 2, 2}, hopper).cycles;
  workload.batchHeads += 1;
  EXPECT_DOUBLE_EQ(estimatePlan(workload, {128, 2, 2}, hopper).cycles, 2 * one);
}

TEST(PlanCost, AWindowStopsGrowingWithTheLength) {
  Workload workload;
  workload.causal = true;
  workload.window = 1024;
  double shorter = estimatePlan(workload, {128, 2, 2}, hopper).cycles;
  workload.queryLength = workload.kvLength = 16384;
  workload.batchHeads = 16;
  EXPECT_NEAR(estimatePlan(workload, {128, 2, 2}, hopper).cycles / shorter, 1, 0.05);
}

TEST(PlanCost, OverlapAndSeveralWarpgroupsHideTheSoftmax) {
  Workload workload;
  double best = estimatePlan(workload, {128, 2, 2}, hopper).block;
  EXPECT_LT(best, estimatePlan(workload, {128, 2, 2, false}, hopper).block);
  EXPECT_LT(estimatePlan(workload, {128, 1, 2}, hopper).block, estimatePlan(workload, {128, 1, 2, false}, hopper).block);
}

TEST(PlanCost, SaysWhatDoesNotFit) {
  Workload workload;
  EXPECT_EQ(whyPlanDoesNotFit(workload, {144, 2, 2}, hopper), "");
  EXPECT_EQ(whyPlanDoesNotFit(workload, {160, 2, 2}, hopper), "expects at most 208 registers of a thread for tiles, needs 224");
  EXPECT_EQ(whyPlanDoesNotFit(workload, {160, 2, 1}, hopper, fewestOtherRegisters), "");
  EXPECT_EQ(whyPlanDoesNotFit(workload, {176, 2, 1}, hopper, fewestOtherRegisters),
            "expects at most 224 registers of a thread for tiles, needs 240");
  EXPECT_EQ(whyPlanDoesNotFit(workload, {176, 2, 2, /*overlap=*/false}, hopper), "");
  EXPECT_EQ(whyPlanDoesNotFit(workload, {144, 2, 3}, hopper),
            "expects at most 231424 bytes of shared memory, needs 253952");
  PlanShape pair{64, 1, 3};
  pair.residency = 2;
  EXPECT_EQ(whyPlanDoesNotFit(workload, pair, hopper), "");
  pair.stages = 4;
  EXPECT_EQ(whyPlanDoesNotFit(workload, pair, hopper), "expects at most 114688 bytes of shared memory, needs 147456");
  pair = {48, 2, 1};
  pair.residency = 2;
  EXPECT_EQ(whyPlanDoesNotFit(workload, pair, hopper), "expects at most 72 registers of a thread for tiles, needs 112");
  workload.headDim = workload.valueDim = 16;
  EXPECT_EQ(whyPlanDoesNotFit(workload, {16, 4, 1}, hopper), "");
  EXPECT_NE(whyPlanDoesNotFit(workload, {16, 5, 1}, hopper), "");
  workload.headDim = 128, workload.valueDim = 256;
  pair = {16, 1, 2};
  pair.residency = 2;
  EXPECT_EQ(whyPlanDoesNotFit(workload, pair, hopper), "expects at most 128 registers of a thread for a product, needs 158");
}

TEST(PlanCost, RolesShareWhatABlockIsLaunchedWith) {
  for (int64_t residency = 1; residency <= 4; ++residency)
    for (int64_t warpgroups = 1; warpgroups <= 3; ++warpgroups) {
      int64_t each = 65536 / (residency * 128 * (warpgroups + 1)) / 8 * 8;
      for (ProducerWork work : {ProducerWork::Counts, ProducerWork::Reads, ProducerWork::Tabulates}) {
        RegisterShares shares = shareRegisters(warpgroups, residency, work);
        EXPECT_LE(shares.producer + warpgroups * shares.consumer, each * (warpgroups + 1)) << warpgroups << " " << residency;
        EXPECT_EQ(shares.producer % 8 + shares.consumer % 8, 0) << warpgroups << " " << residency;
      }
    }
}

TEST(PlanCost, StagedStoresTakeSharedMemory) {
  Workload workload;
  workload.headDim = workload.valueDim = 256;
  PlanShape plan{64, 2, 2};
  EXPECT_EQ(whyPlanDoesNotFit(workload, plan, hopper), "");
  plan.stagedStores = true; // 128 rows of 256 columns beside 192 KiB of rings
  EXPECT_EQ(whyPlanDoesNotFit(workload, plan, hopper), "expects at most 231424 bytes of shared memory, needs 262144");
}

TEST(PlanCost, ColumnsOfSumsTakeSharedMemory) {
  Workload workload;
  workload.headDim = workload.valueDim = 64;
  PlanShape plan{128, 2, 6};
  EXPECT_EQ(whyPlanDoesNotFit(workload, plan, hopper), "");
  plan.sumColumn = true; // 16 KiB of ones beside 208 KiB of queries and rings
  EXPECT_EQ(whyPlanDoesNotFit(workload, plan, hopper), "");
  plan.stagedStores = true;
  EXPECT_EQ(whyPlanDoesNotFit(workload, plan, hopper), "expects at most 231424 bytes of shared memory, needs 245760");
  workload.headDim = workload.valueDim = 128; // where sums are no column
  plan = {128, 2, 2};
  plan.sumColumn = plan.stagedStores = true;
  EXPECT_EQ(whyPlanDoesNotFit(workload, plan, hopper), "");
}

TEST(PlanCost, PackedHeadsMakeFewerProgramsOfFewQueries) {
  Workload workload;
  workload.queryLength = 1, workload.group = 4;
  PlanShape one{64, 1, 3}, four = one, eight = one;
  four.packedHeads = 4, eight.packedHeads = 8;
  workload.batchHeads = 4 * hopper.multiprocessors;
  EXPECT_NEAR(estimatePlan(workload, one, hopper).cycles / estimatePlan(workload, four, hopper).cycles, 4, 1e-6);
  workload.queryLength = 64; // fills a tile by itself
  EXPECT_NEAR(estimatePlan(workload, one, hopper).cycles, estimatePlan(workload, four, hopper).cycles, 1e-6);
  EXPECT_EQ(whyPlanDoesNotFit(workload, four, hopper), "");
  EXPECT_EQ(whyPlanDoesNotFit(workload, eight, hopper),
            "expects packed_heads to divide the 4 query heads of a key/value head, got 8");
}
