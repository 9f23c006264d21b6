// What the GPU tests share: the fake driver in place of the real one, and a launch with tensors at made-up addresses.
#ifndef ATTN_TEST_UNIT_RUNTIME_GPUTEST_H
#define ATTN_TEST_UNIT_RUNTIME_GPUTEST_H

#include "Driver.h"
#include "FakeDriver.h"
#include "Images.h"
#include "attn-c/Runtime.h"

#include <gtest/gtest.h>
#include <string>

namespace attn::runtime::test {

/// Tensors of gpuImage(): B 2, Hq 8 (Hkv 2), Sq 300, Sk 500, in memory order [batch, length, head, head_dim].
struct GpuProblem {
  explicit GpuProblem(int64_t batch = 2, int64_t kvHeads = 2, int64_t queries = 300, int64_t keys = 500) {
    for (unsigned i = 0; i < 5; ++i) {
      bool isKey = i == 1 || i == 2;
      int64_t dim = i < 2 ? 128 : i < 4 ? 64 : 1;
      int64_t heads = isKey ? kvHeads : 4 * kvHeads, length = isKey ? keys : queries;
      int64_t sizes[] = {batch, heads, length, dim}, steps[] = {dim * heads * length, dim, dim * heads, 1};
      std::copy(sizes, sizes + 4, shape[i]);
      std::copy(steps, steps + 4, strides[i]);
      auto *data = reinterpret_cast<void *>(uintptr_t(0x10000000) * (i + 1));
      tensors[i] = {data, i == 4 ? ATTN_F32 : ATTN_BF16, i == 4 ? 3 : 4, shape[i], strides[i]};
    }
  }
  GpuProblem(const GpuProblem &) = delete;

  int64_t shape[5][4], strides[5][4];
  attnTensor tensors[5];
};

class GpuTest : public testing::Test {
protected:
  void SetUp() override {
    fakeReset();
    fake.nextId = ++contextId; // code that an earlier test loaded is not found
    fake.parameterCount = 4;
    for (unsigned i = 0; i < 3; ++i)
      fake.parameterBytes[i] = 128;
    fake.parameterBytes[3] = (4 * 9 + 7) * 8;
    useDriverLibrary(FAKE_DRIVER);
  }
  void TearDown() override { attnKernelDestroy(kernel); }

  attnStatus load(const image::Image &image) {
    attnKernelDestroy(kernel);
    auto bytes = image::serialize(image);
    return attnKernelLoad(bytes.data(), bytes.size(), &kernel);
  }
  attnStatus launch(const GpuProblem &problem, void *stream = nullptr) {
    return attnKernelLaunch(kernel, stream, problem.tensors, 5);
  }

  void expectMessage(const std::string &words) {
    EXPECT_NE(std::string(attnLastErrorMessage()).find(words), std::string::npos) << attnLastErrorMessage();
  }
  void expectLoadFails(const image::Image &image, attnStatus status, const std::string &words) {
    EXPECT_EQ(load(image), status) << attnLastErrorMessage();
    EXPECT_EQ(kernel, nullptr);
    expectMessage(words);
  }
  void expectLaunchFails(const GpuProblem &problem, const std::string &words) {
    int launches = fake.launches;
    EXPECT_EQ(launch(problem), ATTN_INVALID_ARGUMENT);
    EXPECT_EQ(fake.launches, launches);
    expectMessage(words);
  }

  FakeDriver &fake = *fakeDriver();
  attnKernel kernel = nullptr;
  static unsigned long long contextId;
};

} // namespace attn::runtime::test

#endif // ATTN_TEST_UNIT_RUNTIME_GPUTEST_H
