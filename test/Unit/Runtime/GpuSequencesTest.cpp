// Launches of padded and packed batches: tensor maps that end where sequences do, extents that agree, and with ATTN_CHECK the
// numbers themselves.
#include "GpuTest.h"

#include <algorithm>
#include <cstdlib>
#include <utility>
#include <vector>

namespace attn::runtime::test {

class GpuSequencesTest : public GpuTest {};

/// A kernel of gpuImage() with the lengths of keys, or of both sides.
static image::Image paddedImage() {
  image::Image image = gpuImage();
  for (image::Role role : {image::Role::KvLengths, image::Role::QueryLengths}) {
    image::Argument lengths{};
    lengths.role = role;
    lengths.type = image::ElementType::I32;
    lengths.rank = 1;
    lengths.shape[0] = -1;
    image.facts.arguments.insert(image.facts.arguments.begin() + 3, lengths);
  }
  return image;
}

struct PaddedProblem : GpuProblem {
  explicit PaddedProblem(int64_t queryLengths = 2, int64_t keyLengths = 2) : extents{queryLengths, keyLengths} {
    std::copy(tensors, tensors + 3, all);
    for (int i = 0; i < 2; ++i)
      all[3 + i] = {reinterpret_cast<void *>(uintptr_t(0x60000000 + 0x1000 * i)), ATTN_I32, 1, &extents[i], nullptr};
    std::copy(tensors + 3, tensors + 5, all + 5);
  }
  int64_t extents[2];
  attnTensor all[7];
};

TEST_F(GpuSequencesTest, MapsOfPaddedTensorsEndWhereTheirSequencesDo) {
  fake.nextId = ++contextId;
  fake.parameterBytes[3] = (4 * 9 + 7 + 2 * 3) * 8;
  image::Image image = paddedImage();
  image.facts.packedHeads = 4;
  ASSERT_EQ(load(image), ATTN_OK) << attnLastErrorMessage();
  PaddedProblem problem;
  fake.encodes = 0;
  ASSERT_EQ(attnKernelLaunch(kernel, nullptr, problem.all, 7), ATTN_OK) << attnLastErrorMessage();
  ASSERT_EQ(fake.encodes, 3);
  for (unsigned i = 0; i < 3; ++i) {
    const FakeEncode &map = fake.encode[i];
    ASSERT_EQ(map.rank, 5u);
    uint64_t extent = i == 0 ? 300 : 500, rowBytes = uint64_t(problem.strides[i][2]) * 2;
    uint64_t batchBytes = uint64_t(problem.strides[i][0]) * 2;
    const uint64_t extents[] = {i < 2 ? 128u : 64u, extent, (1u << 30) + 1, (1u << 30) + 1, i == 0 ? 8u : 2u};
    const uint64_t strides[] = {rowBytes, (uint64_t(1) << 34) - 16, uint64_t(1) << 34, uint64_t(problem.strides[i][1]) * 2};
    const uint32_t box[] = {64, i == 0 ? 64u : 128u, 1, 1, i == 0 ? 4u : 1u};
    for (unsigned axis = 0; axis < 5; ++axis) {
      EXPECT_EQ(map.extents[axis], extents[axis]);
      EXPECT_EQ(map.box[axis], box[axis]);
    }
    for (unsigned axis = 0; axis < 4; ++axis)
      EXPECT_EQ(map.strides[axis], strides[axis]);
    auto data = reinterpret_cast<uintptr_t>(problem.tensors[i].data), base = reinterpret_cast<uintptr_t>(map.address);
    EXPECT_EQ(base, data + batchBytes); // within the tensor: the GPU faults on a map elsewhere
    // Row r of a sequence that ends at row e is at (extent - (e - r), back, 2^30 - back), and rows from e on are outside.
    for (uint64_t batch : {0u, 1u})
      for (uint64_t end : {uint64_t(0), uint64_t(1), uint64_t(77), extent})
        for (uint64_t row : {uint64_t(0), uint64_t(64), end, end + 5}) {
          uint64_t x = extent - (end - row), back = ((extent - end) * rowBytes + (1 - batch) * batchBytes) / 16;
          EXPECT_EQ(base + x * strides[0] + back * strides[1] + ((1u << 30) - back) * strides[2],
                    data + batch * batchBytes + row * rowBytes);
          EXPECT_EQ(x < map.extents[1], row < end);
          EXPECT_LT(back, map.extents[2]);
        }
  }
}

// Stores through a map cannot lead back, so the kernel asks for whole boxes in front of an end only.
TEST_F(GpuSequencesTest, MapsOfOutputsEndWithTheTensor) {
  fake.nextId = ++contextId;
  image::Image image = paddedImage();
  image.facts.packedHeads = 4; // of a query's box; a warp's rows are of one head
  image.facts.arguments[5].boxRows = 16, image.facts.arguments[5].boxColumns = 64;
  ASSERT_EQ(image.facts.arguments[5].role, image::Role::Output);
  fake.parameterCount = 5;
  fake.parameterBytes[3] = 128;
  fake.parameterBytes[4] = (4 * 9 + 7 + 2 * 3) * 8;
  ASSERT_EQ(load(image), ATTN_OK) << attnLastErrorMessage();
  PaddedProblem problem;
  fake.encodes = 0;
  ASSERT_EQ(attnKernelLaunch(kernel, nullptr, problem.all, 7), ATTN_OK) << attnLastErrorMessage();
  ASSERT_EQ(fake.encodes, 4);
  const FakeEncode &map = fake.encode[3];
  const uint64_t extents[] = {64, 300, 8, 2};
  const uint32_t box[] = {64, 16, 1, 1};
  ASSERT_EQ(map.rank, 4u);
  for (unsigned axis = 0; axis < 4; ++axis) {
    EXPECT_EQ(map.extents[axis], extents[axis]);
    EXPECT_EQ(map.box[axis], box[axis]);
  }
  EXPECT_EQ(map.address, problem.tensors[3].data);
}

TEST_F(GpuSequencesTest, MapsThatLeadBackReachSixteenGigabytes) {
  fake.nextId = ++contextId;
  fake.parameterBytes[3] = (4 * 9 + 7 + 2 * 3) * 8;
  ASSERT_EQ(load(paddedImage()), ATTN_OK) << attnLastErrorMessage();
  PaddedProblem problem;
  problem.strides[1][0] = (int64_t(1) << 33) - 500 * problem.strides[1][2]; // in elements of two bytes
  EXPECT_EQ(attnKernelLaunch(kernel, nullptr, problem.all, 7), ATTN_INVALID_ARGUMENT);
  expectMessage("key expects less than 16 GiB from its first batch to the end of its last");
  problem.strides[1][0] -= 8;
  EXPECT_EQ(attnKernelLaunch(kernel, nullptr, problem.all, 7), ATTN_OK) << attnLastErrorMessage();
}

TEST_F(GpuSequencesTest, LengthsAreANumberABatch) {
  fake.nextId = ++contextId;
  fake.parameterBytes[3] = (4 * 9 + 7 + 2 * 3) * 8;
  ASSERT_EQ(load(paddedImage()), ATTN_OK) << attnLastErrorMessage();
  EXPECT_EQ(attnKernelLaunch(kernel, nullptr, PaddedProblem(2, 3).all, 7), ATTN_INVALID_ARGUMENT);
  expectMessage("key lengths expects the number of sequences of query, which is 2, got 3");
  EXPECT_EQ(attnKernelLaunch(kernel, nullptr, PaddedProblem(1, 2).all, 7), ATTN_INVALID_ARGUMENT);
  expectMessage("query lengths expects the number of sequences of query, which is 2, got 1");
}

/// Packed on both sides: paddedImage() with offsets in the place of lengths.
static image::Image packedImage() {
  image::Image image = paddedImage();
  image.facts.arguments[3].role = image::Role::QueryOffsets;
  image.facts.arguments[4].role = image::Role::KvOffsets;
  return image;
}

struct PackedProblem : PaddedProblem {
  explicit PackedProblem(int64_t queryOffsets, int64_t keyOffsets, int64_t batch = 1) : PaddedProblem(queryOffsets, keyOffsets) {
    for (auto &sizes : shape)
      sizes[0] = batch;
  }
};

TEST_F(GpuSequencesTest, PackedSequencesCountWithTheirMeanLength) {
  fake.nextId = ++contextId;
  fake.parameterBytes[3] = (4 * 9 + 7 + 2 * 3) * 8;
  image::Image image = packedImage();
  image.facts.split = 8, image.facts.partKeys = 32;
  ASSERT_EQ(load(image), ATTN_OK) << attnLastErrorMessage();
  PackedProblem problem(3, 3); // two sequences, 250 keys each in the mean, 32 programs
  ASSERT_EQ(attnKernelLaunch(kernel, nullptr, problem.all, 7), ATTN_OK) << attnLastErrorMessage();
  EXPECT_EQ(fake.launchCluster[0], 2u); // four parts of twice 32 keys would take 256
}

TEST_F(GpuSequencesTest, PackedSequencesShareSlotsOfTiles) {
  fake.nextId = ++contextId;
  fake.parameterBytes[3] = (4 * 9 + 7 + 2 * 3) * 8;
  ASSERT_EQ(load(packedImage()), ATTN_OK) << attnLastErrorMessage();
  ASSERT_EQ(attnKernelLaunch(kernel, nullptr, PackedProblem(8, 8).all, 7), ATTN_OK) << attnLastErrorMessage();
  EXPECT_EQ(fake.grid[0], 2u + 7u); // 300 / 128 and 7 sequences
  EXPECT_EQ(fake.grid[1], 8u);
  EXPECT_EQ(fake.grid[2], 1u);
  EXPECT_EQ(fake.encode[0].rank, 5u);
  EXPECT_EQ(attnKernelLaunch(kernel, nullptr, PackedProblem(8, 7).all, 7), ATTN_INVALID_ARGUMENT);
  expectMessage("key offsets expects the number of sequences of query offsets, which is 7, got 6");
  EXPECT_EQ(attnKernelLaunch(kernel, nullptr, PackedProblem(0, 1).all, 7), ATTN_INVALID_ARGUMENT);
  expectMessage("query offsets expects an element for each sequence and one more, got none");
  EXPECT_EQ(attnKernelLaunch(kernel, nullptr, PackedProblem(3, 3, 2).all, 7), ATTN_INVALID_ARGUMENT);
  expectMessage("query expects batch 1 as it is packed, got 2; lay the sequences one behind another");
}

/// A packed problem whose offsets are in memory that the fake driver can copy from.
struct OffsetsProblem : PackedProblem {
  OffsetsProblem(std::vector<int32_t> query, std::vector<int32_t> key)
      : PackedProblem(static_cast<int64_t>(query.size()), static_cast<int64_t>(key.size())),
        numbers{std::move(query), std::move(key)} {
    for (int i = 0; i < 2; ++i)
      all[3 + i].data = numbers[i].data();
  }
  std::vector<int32_t> numbers[2];
};

class CheckedLaunchTest : public GpuTest {
protected:
  void SetUp() override {
    GpuTest::SetUp();
    fake.parameterBytes[3] = (4 * 9 + 7 + 2 * 3) * 8;
    setenv("ATTN_CHECK", "1", 1);
    ASSERT_EQ(load(packedImage()), ATTN_OK) << attnLastErrorMessage();
    unsetenv("ATTN_CHECK");
  }
  attnStatus launch(const OffsetsProblem &problem) { return attnKernelLaunch(kernel, nullptr, problem.all, 7); }
  void expectRefused(const OffsetsProblem &problem, const std::string &words) {
    int launches = fake.launches;
    EXPECT_EQ(launch(problem), ATTN_INVALID_ARGUMENT);
    EXPECT_EQ(fake.launches, launches);
    expectMessage(words);
  }
};

TEST_F(CheckedLaunchTest, RefusesOffsetsThatDoNotRiseFromZeroWithinTheirTensor) {
  EXPECT_EQ(launch(OffsetsProblem({0, 100, 100, 300}, {0, 0, 1, 500})), ATTN_OK) << attnLastErrorMessage();
  EXPECT_EQ(launch(OffsetsProblem({0, 100, 200, 250}, {0, 0, 0, 0})), ATTN_OK) << attnLastErrorMessage();
  EXPECT_EQ(fake.launches, 2);
  expectRefused({{3, 100, 200, 300}, {0, 0, 1, 500}}, "query offsets expects to begin with 0, got 3");
  expectRefused({{0, 100, 99, 300}, {0, 0, 1, 500}}, "query offsets expects numbers that do not fall, got 99 at 2 behind 100");
  expectRefused({{0, 100, 200, 300}, {0, 0, -1, 500}}, "key offsets expects numbers that do not fall, got -1 at 2 behind 0");
  expectRefused({{0, 100, 200, 301}, {0, 0, 1, 500}}, "query offsets expects to end with at most 300, the length of query, got 301");
  expectRefused({{0, 100, 200, 300}, {0, 0, 1, 501}}, "key offsets expects to end with at most 500, the length of key, got 501");
}

TEST_F(CheckedLaunchTest, LooksAtTheNumbersOfEveryLaunch) {
  OffsetsProblem problem({0, 100, 200, 300}, {0, 0, 1, 500});
  EXPECT_EQ(launch(problem), ATTN_OK) << attnLastErrorMessage();
  problem.numbers[0][1] = 250;
  expectRefused(problem, "query offsets expects numbers that do not fall, got 200 at 2 behind 250");
}

TEST_F(CheckedLaunchTest, FollowsStridesAndManySequences) {
  std::vector<int32_t> offsets(1001);
  for (int i = 0; i <= 1000; ++i)
    offsets[static_cast<size_t>(i)] = i / 4;
  OffsetsProblem many(offsets, offsets);
  EXPECT_EQ(launch(many), ATTN_OK) << attnLastErrorMessage();
  many.numbers[1][769] = 191; // the first of a run is compared with the last of the one before
  many.numbers[1][768] = 192;
  expectRefused(many, "key offsets expects numbers that do not fall, got 191 at 769 behind 192");
  OffsetsProblem gaps({0, 100, 200, 300}, {0, -7, 1, -7, 400, -7, 500, -7});
  int64_t stride = 2;
  gaps.extents[1] = 4;
  gaps.all[4].strides = &stride;
  EXPECT_EQ(launch(gaps), ATTN_OK) << attnLastErrorMessage();
  gaps.numbers[1][4] = 501;
  expectRefused(gaps, "key offsets expects numbers that do not fall, got 500 at 3 behind 501");
}

TEST_F(CheckedLaunchTest, SaysWhyItCouldNotLook) {
  for (const char *function : {"cuStreamSynchronize", "cuMemcpyDtoH_v2"}) {
    fake.failing = function;
    fake.failure = 700;
    EXPECT_EQ(launch(OffsetsProblem({0, 300}, {0, 500})), ATTN_DRIVER_ERROR);
    expectMessage("for ATTN_CHECK expects the driver (CUDA 13.0) to accept it");
  }
}

TEST_F(GpuSequencesTest, WithoutAttnCheckNumbersAreNotFetched) {
  for (const char *asked : {"", "0"}) {
    setenv("ATTN_CHECK", asked, 1);
    fake.nextId = ++contextId;
    fake.parameterBytes[3] = (4 * 9 + 7 + 2 * 3) * 8;
    ASSERT_EQ(load(packedImage()), ATTN_OK) << attnLastErrorMessage();
    unsetenv("ATTN_CHECK");
    fake.failing = "cuMemcpyDtoH_v2";
    EXPECT_EQ(attnKernelLaunch(kernel, nullptr, OffsetsProblem({0, 900}, {7, 500}).all, 7), ATTN_OK) << attnLastErrorMessage();
  }
}

} // namespace attn::runtime::test
