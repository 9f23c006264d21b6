// The runtime on a real GPU: what it hands to a kernel arrives there.
#include "DeviceTest.h"


namespace attn::runtime::test {

class HandoverTest : public DeviceTest {
protected:
  /// Launches with a key length and key strides, and compares the output with q.
  void run(int64_t batch, int64_t keys, int64_t keyBatchStride, void *keyData) {
    ASSERT_EQ(device->fill(buffers[3], 0xff, elements * 2).status, Status::Ok);
    Tensor query(buffers[0], ATTN_BF16, {batch, heads, queries, dim}, {queries * heads * dim, dim, heads * dim, 1});
    Tensor key(keyData, ATTN_BF16, {batch, heads / 2, keys, dim}, {keyBatchStride, dim, heads / 2 * dim, 1});
    Tensor output(buffers[3], ATTN_BF16, {batch, heads, queries, dim}, {queries * heads * dim, dim, heads * dim, 1});
    Tensor lse(buffers[4], ATTN_F32, {batch, heads, queries});
    Error error = kernel->launch({query, key, key, output, lse});
    ASSERT_EQ(error.status, Status::Ok) << error.message;
    error = device->synchronize();
    ASSERT_EQ(error.status, Status::Ok) << error.message;
    std::vector<uint16_t> written(elements);
    ASSERT_EQ(device->download(written.data(), buffers[3], elements * 2).status, Status::Ok);
    size_t used = static_cast<size_t>(batch * heads * queries * dim);
    EXPECT_EQ(std::memcmp(written.data(), q.data(), used * 2), 0);
    for (size_t i = used; i < elements; ++i)
      ASSERT_EQ(written[i], 0xffff);
    if (keys == 0)
      return;
    std::vector<uint32_t> first(static_cast<size_t>(batch * heads * queries));
    ASSERT_EQ(device->download(first.data(), buffers[4], first.size() * 4).status, Status::Ok);
    for (int64_t b = 0; b < batch; ++b)
      for (int64_t h = 0; h < heads; ++h)
        for (int64_t i = 0; i < queries; ++i) {
          uint32_t expected = uint32_t(k[static_cast<size_t>(b * keyBatchStride + h / 2 * dim)]) << 16;
          ASSERT_EQ(first[static_cast<size_t>((b * heads + h) * queries + i)], expected);
        }
  }
};

TEST_F(HandoverTest, MapsAndBlockReachTheKernel) { run(batches, 50, 50 * heads / 2 * dim, buffers[1]); }

TEST_F(HandoverTest, KeysBroadcastOverBatches) { run(batches, 50, 0, buffers[1]); }

TEST_F(HandoverTest, OneKey) { run(batches, 1, heads / 2 * dim, buffers[1]); }

TEST_F(HandoverTest, OneBatchWithAnyStride) { run(1, 50, 99990001, buffers[1]); }

TEST_F(HandoverTest, NoKeys) { run(batches, 0, 0, nullptr); }

} // namespace attn::runtime::test
