// How many blocks a GPU launch asks for, and which of them are clusters.
#include "GpuTest.h"

namespace attn::runtime::test {

class GpuGridTest : public GpuTest {};

TEST_F(GpuGridTest, APersistentKernelFillsTheGpuOnce) {
  image::Image image = gpuImage();
  image.facts.persistent = true;
  fake.nextId = ++contextId;
  fake.blocksPerMultiprocessor = 2;
  ASSERT_EQ(load(image), ATTN_OK) << attnLastErrorMessage();
  EXPECT_EQ(fake.occupancyThreads, 384);
  EXPECT_EQ(fake.occupancyShared, 200000u);
  auto expectGrid = [&](unsigned blocks) {
    EXPECT_EQ(fake.grid[0], blocks);
    EXPECT_EQ(fake.grid[1] * fake.grid[2], 1u);
  };
  ASSERT_EQ(launch(GpuProblem()), ATTN_OK) << attnLastErrorMessage();
  expectGrid(48); // 3 tiles of 8 heads of 2 batches: fewer than there is room for
  ASSERT_EQ(launch(GpuProblem(2, 2, 30000)), ATTN_OK) << attnLastErrorMessage();
  expectGrid(264); // 2 on each of 132 multiprocessors
}

TEST_F(GpuGridTest, AKernelOfClustersHasWholeOnes) {
  image::Image image = gpuImage();
  image.facts.persistent = true;
  fake.nextId = ++contextId;
  fake.clusterWidth = 8;
  ASSERT_EQ(load(image), ATTN_OK) << attnLastErrorMessage();
  ASSERT_EQ(launch(GpuProblem(1, 3, 300)), ATTN_OK) << attnLastErrorMessage();
  EXPECT_EQ(fake.grid[0], 40u); // 36 programs
  ASSERT_EQ(launch(GpuProblem(2, 2, 30000)), ATTN_OK) << attnLastErrorMessage();
  EXPECT_EQ(fake.grid[0], 128u); // of 132 multiprocessors
}

TEST_F(GpuGridTest, SharedProgramsHaveWholeClustersInEveryHead) {
  auto expectRow = [&](uint32_t split, bool first, unsigned blocks) {
    image::Image image = gpuImage();
    image.facts.split = split, image.facts.splitsFirstTile = first;
    fake.nextId = ++contextId;
    ASSERT_EQ(load(image), ATTN_OK) << attnLastErrorMessage();
    ASSERT_EQ(launch(GpuProblem(2, 2, 300)), ATTN_OK) << attnLastErrorMessage();
    EXPECT_EQ(fake.grid[0], blocks) << split << first;
    EXPECT_EQ(fake.grid[1], 8u);
    EXPECT_EQ(fake.grid[2], 2u);
  };
  expectRow(1, false, 3);
  expectRow(4, false, 12);
  // Beside the blocks of the first tile a block for each other one, and as many more as make whole clusters.
  expectRow(2, true, 4);
  expectRow(8, true, 16);
}

TEST_F(GpuGridTest, ALaunchDecidesHowManyBlocksShareAProgram) {
  image::Image image = gpuImage();
  image.facts.split = 8, image.facts.partKeys = 64, image.facts.packedHeads = 4, image.facts.queryTile = 32;
  fake.nextId = ++contextId;
  ASSERT_EQ(load(image), ATTN_OK) << attnLastErrorMessage();
  auto expectParts = [&](int64_t batch, int64_t keys, unsigned parts) {
    GpuProblem problem(batch, 2, 20, keys);
    for (int again : {0, 1}) { // the second launch is recalled
      ASSERT_EQ(launch(problem), ATTN_OK) << attnLastErrorMessage();
      EXPECT_EQ(fake.launchCluster[0], parts) << batch << " " << keys << " " << again;
      EXPECT_EQ(fake.grid[0], parts) << batch << " " << keys << " " << again;
      EXPECT_EQ(fake.grid[1], 2u);
    }
  };
  expectParts(1, 100, 1);
  expectParts(1, 128, 2); // two parts of 64 keys
  expectParts(1, 511, 4);
  expectParts(1, 512, 8); // of 16 blocks, on 132 multiprocessors
  expectParts(1, 100000, 8);
  expectParts(8, 1023, 4); // 128 blocks would fill more than every second multiprocessor: parts of 128 keys
  expectParts(8, 1024, 8);
  expectParts(9, 100000, 4); // of 144 blocks some would wait
  expectParts(67, 100000, 1);
}

TEST_F(GpuGridTest, PackedHeadsShareProgramsAndCopiesOfQueries) {
  image::Image image = gpuImage();
  image.facts.packedHeads = 4, image.facts.queryTile = 16;
  image.facts.arguments[0].boxRows = 16;
  fake.nextId = ++contextId;
  ASSERT_EQ(load(image), ATTN_OK) << attnLastErrorMessage();
  ASSERT_EQ(launch(GpuProblem(2, 2, 300)), ATTN_OK) << attnLastErrorMessage();
  EXPECT_EQ(fake.grid[0], 19u); // tiles of 16 queries
  EXPECT_EQ(fake.grid[1], 2u);  // of the heads of a group
  EXPECT_EQ(fake.grid[2], 2u);
  const uint32_t boxes[2][4] = {{64, 16, 4, 1}, {64, 128, 1, 1}};
  for (unsigned i : {0, 1})
    for (unsigned axis = 0; axis < 4; ++axis)
      EXPECT_EQ(fake.encode[i].box[axis], boxes[i][axis]) << i << axis;
}

} // namespace attn::runtime::test
