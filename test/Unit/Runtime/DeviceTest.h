// What the tests on a real GPU of architecture sm_90 share: the probe kernel and buffers for it. They are skipped where there
// is no such GPU.
#ifndef ATTN_TEST_UNIT_RUNTIME_DEVICETEST_H
#define ATTN_TEST_UNIT_RUNTIME_DEVICETEST_H

#include "attn/Image/Image.h"
#include "attn/Runtime/Device.h"
#include "attn/attn.hpp"

#include <cstring>
#include <gtest/gtest.h>

namespace attn::runtime::test {

/// Query heads share keys in pairs; tiles of 64 queries; head_dim 64; bf16.
image::Image probeImage();

/// Buffers for B 2, Hq 4, Hkv 2, Sq 100 in order [batch, length, head, head_dim], or fewer batches.
class DeviceTest : public testing::Test {
protected:
  static constexpr int64_t batches = 2, heads = 4, queries = 100, dim = 64;
  static constexpr size_t elements = batches * heads * queries * dim;

  void SetUp() override {
    attnGpuInfo info;
    if (attnRuntimeGetGpu(0, &info) != ATTN_OK)
      GTEST_SKIP() << attnLastErrorMessage();
    if (info.major != 9 || info.minor != 0)
      GTEST_SKIP() << "needs a GPU of architecture sm_90";
    auto opened = Device::open();
    ASSERT_TRUE(opened) << opened.error().message;
    device = std::make_unique<Device>(*opened);
    for (void *&buffer : buffers) {
      auto memory = device->allocate(elements * 4);
      ASSERT_TRUE(memory) << memory.error().message;
      buffer = *memory;
    }
    std::vector<uint16_t> values(elements);
    for (size_t i = 0; i < elements; ++i)
      values[i] = static_cast<uint16_t>(i * 2654435761u >> 7);
    q = values;
    ASSERT_EQ(device->upload(buffers[0], q.data(), elements * 2).status, Status::Ok);
    for (size_t i = 0; i < elements; ++i)
      values[i] = static_cast<uint16_t>(0x3f80 + i / dim % 50);
    k = values;
    ASSERT_EQ(device->upload(buffers[1], k.data(), elements * 2).status, Status::Ok);
    auto loaded = Kernel::load(image::serialize(probeImage()));
    ASSERT_TRUE(loaded) << loaded.error().message;
    kernel = std::make_unique<Kernel>(std::move(*loaded));
  }

  void TearDown() override {
    for (void *buffer : buffers)
      if (device)
        device->free(buffer);
  }

  std::unique_ptr<Device> device;
  std::unique_ptr<Kernel> kernel;
  void *buffers[5] = {};
  std::vector<uint16_t> q, k;
};

} // namespace attn::runtime::test

#endif // ATTN_TEST_UNIT_RUNTIME_DEVICETEST_H
