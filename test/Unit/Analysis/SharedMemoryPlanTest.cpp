// Offsets, alignment and the description of a shared-memory plan.
#include "attn/Analysis/SharedMemoryPlan.h"

#include <gtest/gtest.h>

using attn::analysis::SharedMemoryPlan;

TEST(SharedMemoryPlan, StartsEmpty) { EXPECT_EQ(SharedMemoryPlan().totalBytes(), 0); }

TEST(SharedMemoryPlan, AlignsEachRegion) {
  SharedMemoryPlan plan;
  EXPECT_EQ(plan.add("a", 8, 8), 0);
  EXPECT_EQ(plan.add("b", 100, 1024), 1024);
  EXPECT_EQ(plan.add("c", 8, 8), 1128);
  EXPECT_EQ(plan.totalBytes(), 1136);
}

TEST(SharedMemoryPlan, RegionsNeverOverlap) {
  SharedMemoryPlan plan;
  for (int64_t i = 1; i < 50; ++i)
    plan.add("r", i * 37 % 91, int64_t(1) << (i % 11));
  int64_t end = 0;
  for (const SharedMemoryPlan::Region &region : plan.regions()) {
    EXPECT_EQ(region.offset % region.alignment, 0);
    EXPECT_GE(region.offset, end);
    end = region.offset + region.bytes;
  }
  EXPECT_EQ(plan.totalBytes(), end);
}

TEST(SharedMemoryPlan, DescribesWhatTakesTheRoom) {
  SharedMemoryPlan plan;
  plan.add("queries", 1024, 1024);
  plan.add("keys", 2048, 1024);
  EXPECT_EQ(plan.describe(), "queries 1024 bytes, keys 2048 bytes");
}
