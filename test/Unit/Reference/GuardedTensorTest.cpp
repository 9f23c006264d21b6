// Guards hold what they were made with, and every planted write is found.
#include "attn/Reference/GuardedTensor.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

using namespace attn::reference;

static TensorLayout withGaps(ElementType type) {
  TensorLayout layout;
  layout.type = type;
  int64_t shape[4] = {2, 3, 4, 16}, strides[4] = {400, 16, 72, 1};
  std::copy(shape, shape + 4, layout.shape);
  std::copy(strides, strides + 4, layout.strides);
  return layout;
}

static void write(GuardedTensor &tensor, int64_t offset) {
  int64_t size = elementBytes(tensor.layout().type), first = static_cast<int64_t>(tensor.offsetBytes());
  std::memset(static_cast<char *>(tensor.memory()) + first + offset * size, 0, size);
}

TEST(GuardedTensor, IsAllNaNAtFirstAndAlignedTo16) {
  for (ElementType type : {ElementType::F16, ElementType::BF16, ElementType::F32}) {
    GuardedTensor tensor(withGaps(type));
    EXPECT_TRUE(tensor.guardsIntact());
    EXPECT_TRUE(std::isnan(tensor.view().load(1, 2, 3, 15)));
    EXPECT_EQ(reinterpret_cast<uintptr_t>(tensor.view().data) % 16, 0u);
    EXPECT_NE(reinterpret_cast<uintptr_t>(tensor.view().data) % 64, 0u);
    for (size_t at = 0; at < tensor.memoryBytes() / elementBytes(type); ++at) {
      uint32_t bits = 0;
      std::memcpy(&bits, static_cast<char *>(tensor.memory()) + at * elementBytes(type), elementBytes(type));
      ASSERT_TRUE(std::isnan(decode(type, bits)));
    }
  }
}

TEST(GuardedTensor, WritesInsideAreAllowed) {
  GuardedTensor tensor(withGaps(ElementType::BF16));
  tensor.fillNormal(1);
  EXPECT_TRUE(tensor.guardsIntact());
  tensor.fillNaN();
  EXPECT_TRUE(std::isnan(tensor.view().load(0, 0, 0, 0)));
}

TEST(GuardedTensor, EveryWriteOutsideIsFound) {
  TensorLayout layout = withGaps(ElementType::F16);
  int64_t span = 400 + 2 * 16 + 3 * 72 + 16, outside = 0;
  for (int64_t offset = -GuardedTensor::guardElements; offset < span + GuardedTensor::guardElements; ++offset) {
    GuardedTensor tensor(layout);
    bool inside = false;
    for (int64_t b = 0; b < 2; ++b)
      for (int64_t h = 0; h < 3; ++h)
        for (int64_t s = 0; s < 4; ++s)
          inside |= offset >= b * 400 + h * 16 + s * 72 && offset < b * 400 + h * 16 + s * 72 + 16;
    outside += !inside;
    write(tensor, offset);
    ASSERT_EQ(tensor.guardsIntact(), inside) << offset;
    if (!inside) {
      ASSERT_EQ(tensor.firstBrokenGuard(), offset);
    }
  }
  EXPECT_EQ(outside, span + 2 * GuardedTensor::guardElements - 2 * 3 * 4 * 16);
}

TEST(GuardedTensor, AnotherNaNInAGuardIsAWriteToo) {
  GuardedTensor tensor(withGaps(ElementType::F32));
  uint32_t quiet = 0x7fc00000;
  std::memcpy(tensor.memory(), &quiet, 4);
  EXPECT_EQ(tensor.firstBrokenGuard(), -GuardedTensor::guardElements);
}

TEST(GuardedTensor, EmptyTensorsHaveGuardsOnly) {
  TensorLayout layout = withGaps(ElementType::F16);
  layout.shape[2] = 0;
  GuardedTensor tensor(layout);
  EXPECT_EQ(tensor.memoryBytes(), size_t(2 * 2 * GuardedTensor::guardElements));
  EXPECT_TRUE(tensor.guardsIntact());
  write(tensor, 0);
  EXPECT_FALSE(tensor.guardsIntact());
}

TEST(GuardedTensor, FillDependsOnIndicesNotOnStrides) {
  GuardedTensor gaps(withGaps(ElementType::F32));
  TensorLayout dense = withGaps(ElementType::F32);
  int64_t strides[4] = {3 * 4 * 16, 4 * 16, 16, 1};
  std::copy(strides, strides + 4, dense.strides);
  GuardedTensor plain(dense);
  gaps.fillNormal(5);
  plain.fillNormal(5);
  double sum = 0, squares = 0;
  for (int64_t b = 0; b < 2; ++b)
    for (int64_t h = 0; h < 3; ++h)
      for (int64_t s = 0; s < 4; ++s)
        for (int64_t d = 0; d < 16; ++d) {
          double x = gaps.view().load(b, h, s, d);
          EXPECT_EQ(x, plain.view().load(b, h, s, d));
          sum += x;
          squares += x * x;
        }
  EXPECT_NEAR(sum / 384, 0, 0.2);
  EXPECT_NEAR(squares / 384, 1, 0.3);
}

TEST(GuardedTensor, DigestSeesEveryByte) {
  GuardedTensor tensor(withGaps(ElementType::F16));
  uint64_t digest = tensor.digest();
  static_cast<uint8_t *>(tensor.memory())[tensor.memoryBytes() - 1] ^= 1;
  EXPECT_NE(tensor.digest(), digest);
}
