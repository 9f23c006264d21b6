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
