// The C++ header over the C interface, linked to the shared library as a user would.
#include "Images.h"
#include "attn/attn.hpp"

#include <gtest/gtest.h>

static void fillKernel(const int64_t *arguments, int64_t, int64_t, void *) {
  *reinterpret_cast<float *>(arguments[27]) = static_cast<float>(arguments[34]); // the output's stride in its length
}

TEST(CppTest, LoadsAsksAndLaunches) {
  size_t size = 0;
  const void *image = testCpuImage(&size);
  auto kernel = attn::Kernel::fromFunction(image, size, fillKernel);
  ASSERT_TRUE(kernel) << kernel.error().message;
  EXPECT_STREQ(kernel->info().symbol, "kernel");
  ASSERT_EQ(kernel->arguments().size(), 5u);
  EXPECT_EQ(kernel->arguments()[2].shape[3], 24);

  std::vector<float> memory(1000);
  float *data = memory.data();
  attn::Tensor q(data, ATTN_F32, {1, 2, 3, 16}), k(data, ATTN_F32, {1, 1, 3, 16}), v(data, ATTN_F32, {1, 1, 3, 24});
  attn::Tensor lse(data, ATTN_F32, {1, 2, 3});
  attn::Kernel moved = std::move(*kernel);
  attn::Error error = moved.launch({q, k, v, attn::Tensor(data, ATTN_F32, {1, 2, 3, 24}, {144, 24, 48, 1}), lse});
  EXPECT_EQ(error.status, attn::Status::Ok) << error.message;
  EXPECT_EQ(memory[0], 48);
}

TEST(CppTest, ErrorsCarryTheSentence) {
  size_t size = 0;
  const void *image = testCpuImage(&size);
  auto kernel = attn::Kernel::load(image, size);
  ASSERT_FALSE(kernel);
  EXPECT_EQ(kernel.error().status, attn::Status::Unsupported);
  EXPECT_NE(kernel.error().message.find("expects a loader"), std::string::npos);
  auto other = attn::Kernel::fromFunction(image, size, fillKernel);
  ASSERT_TRUE(other);
  EXPECT_EQ(other->launch({}).status, attn::Status::InvalidArgument);
  EXPECT_NE(other->launch({}).message.find("expects 5 tensors"), std::string::npos);
  EXPECT_FALSE(attn::Kernel::load(nullptr, 0));
  EXPECT_FALSE(attn::gpu(-1));
}

static void doNothing(const int64_t *, int64_t, int64_t, void *) {}

TEST(CppTest, OffsetsOfPackedSequencesAreCheckedOnTheCpu) {
  using namespace attn::image;
  Image packed = attn::runtime::test::cpuImage();
  for (Role role : {Role::KvOffsets, Role::QueryOffsets}) {
    Argument offsets{};
    offsets.role = role;
    offsets.type = ElementType::I32;
    offsets.rank = 1;
    offsets.shape[0] = -1;
    packed.facts.arguments.insert(packed.facts.arguments.begin() + 3, offsets);
  }
  std::vector<uint8_t> bytes = serialize(packed);
  auto kernel = attn::Kernel::fromFunction(bytes.data(), bytes.size(), doNothing);
  ASSERT_TRUE(kernel) << kernel.error().message;

  std::vector<float> memory(4000);
  float *data = memory.data();
  auto launch = [&](std::vector<int32_t> query, std::vector<int32_t> key) {
    attn::Tensor q(data, ATTN_F32, {1, 2, 30, 16}), k(data, ATTN_F32, {1, 1, 50, 16}), v(data, ATTN_F32, {1, 1, 50, 24});
    attn::Tensor cq(query.data(), ATTN_I32, {static_cast<int64_t>(query.size())});
    attn::Tensor ck(key.data(), ATTN_I32, {static_cast<int64_t>(key.size())});
    attn::Tensor out(data, ATTN_F32, {1, 2, 30, 24}), lse(data, ATTN_F32, {1, 2, 30});
    attn::Error error = kernel->launch({q, k, v, cq, ck, out, lse});
    return error.status == attn::Status::Ok ? "" : error.message;
  };
  EXPECT_EQ(launch({0, 10, 10, 30}, {0, 0, 0, 50}), "");
  EXPECT_EQ(launch({0}, {0}), "");
  EXPECT_EQ(launch({0, 10}, {0, 20, 50}), "key offsets expects the number of sequences of query offsets, which is 1, got 2");
  EXPECT_EQ(launch({1, 10, 30}, {0, 20, 50}), "query offsets expects to begin with 0, got 1");
  EXPECT_EQ(launch({0, 20, 10}, {0, 20, 50}), "query offsets expects numbers that do not fall, got 10 at 2 behind 20");
  EXPECT_EQ(launch({0, 20, 30}, {0, -1, 50}), "key offsets expects numbers that do not fall, got -1 at 1 behind 0");
  EXPECT_EQ(launch({0, 20, 30}, {0, 20, 51}), "key offsets expects to end with at most 50, the length of key, got 51");
}
