// What a GPU launch hands to the driver, and what it refuses before.
#include "GpuTest.h"

#include <algorithm>
#include <chrono>
#include <set>
#include <thread>
#include <vector>

namespace attn::runtime::test {

class GpuLaunchTest : public GpuTest {
protected:
  void SetUp() override {
    GpuTest::SetUp();
    ASSERT_EQ(load(gpuImage()), ATTN_OK) << attnLastErrorMessage();
  }
};

TEST_F(GpuLaunchTest, GridBlockSharedMemoryAndStream) {
  GpuProblem problem;
  auto *stream = reinterpret_cast<void *>(0x77);
  ASSERT_EQ(launch(problem, stream), ATTN_OK) << attnLastErrorMessage();
  EXPECT_EQ(fake.launches, 1);
  EXPECT_EQ(fake.grid[0], 3u); // ceil(300 / 128)
  EXPECT_EQ(fake.grid[1], 8u);
  EXPECT_EQ(fake.grid[2], 2u);
  EXPECT_EQ(fake.block[0], 384u);
  EXPECT_EQ(fake.block[1] * fake.block[2], 1u);
  EXPECT_EQ(fake.sharedBytes, 200000u);
  EXPECT_EQ(fake.maxDynamicShared, 200000);
  EXPECT_EQ(fake.stream, stream);
}

TEST_F(GpuLaunchTest, OnlyCodeThatWaitsForLaunchesBeforeItStartsEarly) {
  auto expectEarly = [&](bool waits, uint32_t split, int version, unsigned early) {
    image::Image image = gpuImage();
    image.facts.startsEarly = waits, image.facts.split = split, image.facts.partKeys = split > 1 ? 32 : 0;
    useDriverLibrary(FAKE_DRIVER); // which tells its version when it is opened
    fake.version = version;
    fake.nextId = ++contextId;
    ASSERT_EQ(load(image), ATTN_OK) << attnLastErrorMessage();
    for (int again : {0, 1}) { // the second launch is recalled
      ASSERT_EQ(launch(GpuProblem(1, 2, 100)), ATTN_OK) << attnLastErrorMessage();
      EXPECT_EQ(fake.startsEarly, early) << waits << split << version << again;
      EXPECT_EQ(fake.launchCluster[0] > 1, split > 1);
    }
  };
  expectEarly(false, 1, 13000, 0);
  expectEarly(true, 1, 13000, 1);
  expectEarly(true, 8, 13000, 1);
  expectEarly(false, 8, 13000, 0);
  expectEarly(true, 1, 12030, 1);
  expectEarly(true, 1, 12020, 0); // such a launch could not be captured
}

TEST_F(GpuLaunchTest, ADynamicKernelHasACounterForEachStream) {
  image::Image image = gpuImage();
  image.facts.persistent = image.facts.dynamic = true;
  fake.nextId = ++contextId;
  const size_t words = fake.parameterBytes[3] / 8;
  fake.parameterBytes[3] += 8;
  ASSERT_EQ(load(image), ATTN_OK) << attnLastErrorMessage();
  auto counterOf = [&](uintptr_t stream) {
    fake.words[words] = -7;
    EXPECT_EQ(launch(GpuProblem(), reinterpret_cast<void *>(stream)), ATTN_OK) << attnLastErrorMessage();
    return fake.words[words];
  };
  int64_t first = counterOf(0x10), second = counterOf(0x20), zero = counterOf(0);
  for (int64_t counter : {first, second, zero})
    EXPECT_TRUE(counter >= 0 && counter < image::counters) << counter;
  EXPECT_TRUE(first != second && second != zero && zero != first);
  EXPECT_EQ(counterOf(0x10), first);
  std::thread([&] { EXPECT_EQ(counterOf(0x20), second); }).join();
  fake.capturing = 1; // a graph's launches may run beside each other
  EXPECT_EQ(counterOf(0x10), -1);
  fake.capturing = 0;
  fake.failing = "cuStreamGetId", fake.failure = 1;
  EXPECT_EQ(counterOf(0x10), -1);
  fake.failing = nullptr;
  std::set<int64_t> all = {first, second, zero};
  for (unsigned i = 3; i != image::counters; ++i)
    all.insert(counterOf(0x1000 + 16 * i));
  EXPECT_EQ(all.size(), image::counters);
  EXPECT_EQ(*all.begin(), 0);
  EXPECT_EQ(counterOf(0x90000), -1); // no counter is left
  EXPECT_EQ(counterOf(0x20), second);
}

TEST_F(GpuLaunchTest, APersistentKernelNumbersItsProgramsIn32Bits) {
  image::Image image = gpuImage();
  image.facts.persistent = true;
  fake.nextId = ++contextId;
  ASSERT_EQ(load(image), ATTN_OK) << attnLastErrorMessage();
  ASSERT_EQ(launch(GpuProblem(1024, 256, 128 << 10)), ATTN_OK) << attnLastErrorMessage();
  expectLaunchFails(GpuProblem(1024, 256, (128 << 10) + 1), "expects at most 1073741824 tiles in all heads and batches");
}

TEST_F(GpuLaunchTest, TensorMaps) {
  GpuProblem problem;
  ASSERT_EQ(launch(problem), ATTN_OK);
  ASSERT_EQ(fake.encodes, 3);
  for (unsigned i = 0; i < 3; ++i) {
    const FakeEncode &map = fake.encode[i];
    EXPECT_EQ(map.type, 9); // bf16
    EXPECT_EQ(map.rank, 4u);
    EXPECT_EQ(map.address, problem.tensors[i].data);
    const uint64_t extents[] = {i < 2 ? 128u : 64u, i == 0 ? 300u : 500u, i == 0 ? 8u : 2u, 2};
    const uint32_t box[] = {64, i == 0 ? 64u : 128u, 1, 1};
    for (unsigned axis = 0; axis < 4; ++axis) {
      EXPECT_EQ(map.extents[axis], extents[axis]);
      EXPECT_EQ(map.box[axis], box[axis]);
      EXPECT_EQ(map.steps[axis], 1u);
    }
    for (unsigned axis = 0; axis < 3; ++axis)
      EXPECT_EQ(map.strides[axis], uint64_t(problem.strides[i][2 - axis]) * 2);
    EXPECT_EQ(map.interleave, 0);
    EXPECT_EQ(map.swizzle, 3);
    EXPECT_EQ(map.promotion, 3);
    EXPECT_EQ(map.fill, 0);
    EXPECT_EQ(fake.mapWords[i], i + 1);
    EXPECT_EQ(fake.mapAddress[i] % 64, 0u);
  }
}

TEST_F(GpuLaunchTest, ArgumentBlock) {
  GpuProblem problem;
  ASSERT_EQ(launch(problem), ATTN_OK);
  const int64_t *word = fake.words;
  for (unsigned i = 0; i < 5; ++i) {
    int rank = i == 4 ? 3 : 4;
    EXPECT_EQ(*word++, static_cast<int64_t>(reinterpret_cast<intptr_t>(problem.tensors[i].data)));
    for (int axis = 0; axis < rank; ++axis)
      EXPECT_EQ(*word++, problem.shape[i][axis]);
    for (int axis = 0; axis < rank; ++axis)
      EXPECT_EQ(*word++, problem.strides[i][axis]);
  }
}

TEST_F(GpuLaunchTest, MapsAreEncodedOnceForTheSameTensors) {
  GpuProblem problem;
  for (int i = 0; i < 3; ++i)
    ASSERT_EQ(launch(problem), ATTN_OK);
  EXPECT_EQ(fake.encodes, 3);
  EXPECT_EQ(fake.launches, 3);
  problem.tensors[1].data = reinterpret_cast<void *>(0x90000000);
  ASSERT_EQ(launch(problem), ATTN_OK);
  EXPECT_EQ(fake.encodes, 4);
  EXPECT_EQ(fake.mapWords[0], 1u);
  EXPECT_EQ(fake.mapWords[1], 4u);
  problem.strides[2][0] += 8;
  ASSERT_EQ(launch(problem), ATTN_OK);
  EXPECT_EQ(fake.encodes, 5);
  problem.shape[0][2] = problem.shape[3][2] = problem.shape[4][2] = 299;
  ASSERT_EQ(launch(problem), ATTN_OK);
  EXPECT_EQ(fake.encodes, 6);
}

TEST_F(GpuLaunchTest, WhatDiffersFromTheLastLaunchIsCheckedAgain) {
  for (int change = 0; change < 7; ++change) {
    GpuProblem problem;
    ASSERT_EQ(launch(problem), ATTN_OK) << "change " << change;
    attnTensor &key = problem.tensors[1];
    size_t count = 5;
    switch (change) {
    case 0: key.type = ATTN_F16; break;
    case 1: key.rank = 3; break;
    case 2: key.shape = nullptr; break;
    case 3: problem.shape[1][3] = 120; break;
    case 4: problem.strides[1][1] = 1; break;
    case 5: key.data = nullptr; break;
    case 6: count = 4; break;
    }
    EXPECT_EQ(attnKernelLaunch(kernel, nullptr, problem.tensors, count), ATTN_INVALID_ARGUMENT) << "change " << change;
    EXPECT_EQ(attnKernelLaunch(kernel, nullptr, nullptr, 5), ATTN_INVALID_ARGUMENT);
  }
  GpuProblem problem;
  ASSERT_EQ(launch(problem), ATTN_OK);
  EXPECT_EQ(fake.words[6], 128);
  problem.tensors[0].strides = nullptr; // compact: another stride between heads
  ASSERT_EQ(launch(problem), ATTN_OK);
  EXPECT_EQ(fake.words[6], 300 * 128);
}

TEST_F(GpuLaunchTest, FailedEncodingIsNotKept) {
  GpuProblem problem;
  fake.failing = "cuTensorMapEncodeTiled";
  fake.failure = 1;
  EXPECT_EQ(launch(problem), ATTN_DRIVER_ERROR);
  expectMessage("tensor map of query expects the driver (CUDA 13.0) to accept it, got CUDA_ERROR_INVALID_VALUE (1)");
  fake.failing = nullptr;
  EXPECT_EQ(launch(problem), ATTN_OK);
  EXPECT_EQ(fake.encodes, 3);
}

TEST_F(GpuLaunchTest, NoKeys) {
  GpuProblem problem(2, 2, 300, 0);
  problem.tensors[1].data = problem.tensors[2].data = nullptr;
  problem.strides[1][0] = -5;
  ASSERT_EQ(launch(problem), ATTN_OK) << attnLastErrorMessage();
  ASSERT_EQ(fake.encodes, 3);
  EXPECT_EQ(fake.encode[1].extents[1], 1u);
  EXPECT_EQ(fake.encode[1].address, problem.tensors[0].data);
  EXPECT_EQ(fake.words[9], 0); // the block tells the truth: no address, length 0
  EXPECT_EQ(fake.words[12], 0);
  EXPECT_EQ(fake.launches, 1);
}

TEST_F(GpuLaunchTest, NothingToDo) {
  for (int axis = 0; axis < 3; ++axis) {
    GpuProblem problem(axis == 0 ? 0 : 2, axis == 1 ? 0 : 2, axis == 2 ? 0 : 300, 500);
    fake.calls = 0;
    EXPECT_EQ(launch(problem), ATTN_OK) << attnLastErrorMessage();
    EXPECT_EQ(fake.calls, 0);
  }
}

TEST_F(GpuLaunchTest, StridesOfUnusedAxesAreReplaced) {
  GpuProblem problem(1, 2, 300, 1);
  problem.strides[0][0] = 99990001;
  problem.strides[1][0] = 3331333;
  problem.strides[1][2] = 1;
  problem.strides[2][2] = -1;
  ASSERT_EQ(launch(problem), ATTN_OK) << attnLastErrorMessage();
  EXPECT_EQ(fake.encode[0].strides[2], 256u);
  EXPECT_EQ(fake.encode[1].strides[0], 256u);
  EXPECT_EQ(fake.encode[2].strides[0], 128u);
}

TEST_F(GpuLaunchTest, BroadcastKeysAreFine) {
  GpuProblem problem;
  problem.strides[1][0] = problem.strides[2][0] = 0;
  EXPECT_EQ(launch(problem), ATTN_OK);
  EXPECT_EQ(fake.encode[1].strides[2], 0u);
}

TEST_F(GpuLaunchTest, RefusesMisalignedAddresses) {
  for (unsigned i = 0; i < 4; ++i) {
    GpuProblem problem;
    problem.tensors[i].data = static_cast<char *>(problem.tensors[i].data) + 8;
    expectLaunchFails(problem, "expects an address aligned to 16 bytes, got 0x");
  }
  GpuProblem problem;
  problem.tensors[4].data = static_cast<char *>(problem.tensors[4].data) + 4;
  EXPECT_EQ(launch(problem), ATTN_OK);
}

TEST_F(GpuLaunchTest, RefusesStridesThatNoMapCanHave) {
  for (unsigned i = 0; i < 4; ++i) {
    GpuProblem odd;
    odd.strides[i][2] += 4;
    expectLaunchFails(odd, "axis 2 to have a stride that is a multiple of 16 bytes");
    GpuProblem wide;
    wide.strides[i][0] = int64_t(1) << 39;
    expectLaunchFails(wide, "axis 0 to have a stride below 2^40 bytes");
  }
  GpuProblem fits;
  fits.strides[0][0] = (int64_t(1) << 39) - 8;
  EXPECT_EQ(launch(fits), ATTN_OK);
}

TEST_F(GpuLaunchTest, GridLimits) {
  EXPECT_EQ(launch(GpuProblem(65535, 1, 4, 4)), ATTN_OK);
  EXPECT_EQ(fake.grid[2], 65535u);
  expectLaunchFails(GpuProblem(65536, 1, 4, 4), "at most 65535 batches and heads on a GPU, got 65536 batches and 4");
  EXPECT_EQ(launch(GpuProblem(1, 16383, 4, 4)), ATTN_OK);
  expectLaunchFails(GpuProblem(1, 16384, 4, 4), "got 1 batches and 65536 heads");
  EXPECT_EQ(launch(GpuProblem(1, 1, (int64_t(1) << 30) - 1, 4)), ATTN_OK);
  EXPECT_EQ(fake.grid[0], 1u << 23);
}

TEST_F(GpuLaunchTest, LaunchErrorsAreReported) {
  fake.failing = "cuLaunchKernel";
  fake.failure = 700;
  EXPECT_EQ(launch(GpuProblem()), ATTN_DRIVER_ERROR);
  expectMessage("launch expects the driver (CUDA 13.0) to accept it, got CUDA_ERROR_OTHER (700)");
}

TEST_F(GpuLaunchTest, EntersTheKernelsContextAndLeavesIt) {
  // Loaded with no context current, so into the primary one; a fresh thread has none either.
  std::thread([&] { EXPECT_EQ(launch(GpuProblem()), ATTN_OK); }).join();
  EXPECT_EQ(fake.launchContext, reinterpret_cast<void *>(0x1000));
  EXPECT_EQ(fake.current, nullptr);
  fake.current = reinterpret_cast<void *>(0x1000);
  int pushes = fake.pushes;
  EXPECT_EQ(launch(GpuProblem()), ATTN_OK);
  EXPECT_EQ(fake.pushes, pushes);
  EXPECT_EQ(fake.pushes, fake.pops);
}

TEST_F(GpuLaunchTest, DLPackDevices) {
  GpuProblem problem;
  attnDLTensor packed[5];
  const attnDLTensor *pointers[5];
  for (int i = 0; i < 5; ++i) {
    attnDLDataType type = {ATTN_DL_BFLOAT, 16, 1};
    if (i == 4)
      type = {ATTN_DL_FLOAT, 32, 1};
    packed[i] = {static_cast<char *>(problem.tensors[i].data) - 32, {ATTN_DL_CUDA, 0}, problem.tensors[i].rank, type,
                 problem.shape[i], problem.strides[i], 32};
    pointers[i] = &packed[i];
  }
  ASSERT_EQ(attnKernelLaunchDLPack(kernel, nullptr, pointers, 5), ATTN_OK) << attnLastErrorMessage();
  EXPECT_EQ(fake.encode[0].address, problem.tensors[0].data);
  packed[2].device = {ATTN_DL_CUDA_MANAGED, 5};
  EXPECT_EQ(attnKernelLaunchDLPack(kernel, nullptr, pointers, 5), ATTN_OK);
  packed[2].device = {ATTN_DL_CUDA, 1};
  EXPECT_EQ(attnKernelLaunchDLPack(kernel, nullptr, pointers, 5), ATTN_INVALID_ARGUMENT);
  expectMessage("value expects a tensor on CUDA device 0, where the kernel was loaded, got device 1");
  packed[2].device = {ATTN_DL_CPU, 0};
  EXPECT_EQ(attnKernelLaunchDLPack(kernel, nullptr, pointers, 5), ATTN_INVALID_ARGUMENT);
  expectMessage("got DLPack device type 1; copy it to the GPU");
}

TEST_F(GpuLaunchTest, ARepeatedLaunchCallsTheDriverTwice) {
  GpuProblem problem;
  fake.current = reinterpret_cast<void *>(0x1000);
  ASSERT_EQ(launch(problem), ATTN_OK) << attnLastErrorMessage();
  fake.calls = 0;
  ASSERT_EQ(launch(problem), ATTN_OK);
  EXPECT_EQ(fake.calls, 2); // the current context, the launch
  fake.current = nullptr;
  fake.calls = 0;
  ASSERT_EQ(launch(problem), ATTN_OK);
  EXPECT_EQ(fake.calls, 4); // and entering and leaving the kernel's own
}

TEST_F(GpuLaunchTest, HostCostIsBelowFiveMicroseconds) {
  using Clock = std::chrono::steady_clock;
  for (bool changing : {false, true}) {
    GpuProblem problem;
    std::vector<double> samples;
    for (int i = 0; i < 2000; ++i) {
      if (changing)
        problem.tensors[0].data = reinterpret_cast<void *>(uintptr_t(0x10000000) + 256 * (i % 16));
      auto begin = Clock::now();
      attnStatus status = launch(problem);
      samples.push_back(std::chrono::duration<double, std::micro>(Clock::now() - begin).count());
      ASSERT_EQ(status, ATTN_OK);
    }
    std::nth_element(samples.begin(), samples.begin() + 1000, samples.end());
    RecordProperty(changing ? "changing_us" : "same_us", std::to_string(samples[1000]));
    const char *kind = changing ? "changing" : "the same";
    std::printf("median host time of a launch, %s tensors: %.2f us\n", kind, samples[1000]);
    EXPECT_LT(samples[1000], 5.0);
  }
}

} // namespace attn::runtime::test
