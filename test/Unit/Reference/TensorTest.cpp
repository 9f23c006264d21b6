// Conversions are exact: every 16-bit value, and rounding against the hardware's float for values between.
#include "attn/Reference/Tensor.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <random>

using namespace attn::reference;

static uint32_t floatBits(float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, 4);
  return bits;
}

static bool isNaN(ElementType type, uint32_t bits) {
  return type == ElementType::F16 ? (bits & 0x7fff) > 0x7c00 : (bits & 0x7fff) > 0x7f80;
}

TEST(Conversions, EveryValueOf16BitsComesBack) {
  for (ElementType type : {ElementType::F16, ElementType::BF16})
    for (uint32_t bits = 0; bits < 65536; ++bits) {
      double value = decode(type, bits);
      if (isNaN(type, bits)) {
        EXPECT_TRUE(std::isnan(value));
        EXPECT_TRUE(isNaN(type, encode(type, value)));
      } else {
        ASSERT_EQ(encode(type, value), bits) << typeName(type);
      }
    }
}

TEST(Conversions, BF16IsTheUpperHalfOfAFloat) {
  for (uint32_t bits = 0; bits < 65536; ++bits) {
    if (isNaN(ElementType::BF16, bits))
      continue;
    float value;
    uint32_t wide = bits << 16;
    std::memcpy(&value, &wide, 4);
    ASSERT_EQ(decode(ElementType::BF16, bits), value);
  }
}

TEST(Conversions, NeighboursAndTheirMiddleRoundAsIEEE754Says) {
  for (ElementType type : {ElementType::F16, ElementType::BF16}) {
    uint32_t infinity = type == ElementType::F16 ? 0x7c00 : 0x7f80;
    for (uint32_t bits = 0; bits + 1 < infinity; ++bits) {
      double low = decode(type, bits), high = decode(type, bits + 1), middle = low + (high - low) / 2;
      ASSERT_EQ(encode(type, middle), bits % 2 ? bits + 1 : bits);
      ASSERT_EQ(encode(type, std::nextafter(middle, 0)), bits);
      ASSERT_EQ(encode(type, std::nextafter(middle, INFINITY)), bits + 1);
    }
  }
}

TEST(Conversions, KnownValuesOfF16) {
  auto f16 = [](double value) { return encode(ElementType::F16, value); };
  EXPECT_EQ(f16(1), 0x3c00u);
  EXPECT_EQ(f16(-2), 0xc000u);
  EXPECT_EQ(f16(65504), 0x7bffu);
  EXPECT_EQ(f16(65519.99), 0x7bffu);
  EXPECT_EQ(f16(65520), 0x7c00u);
  EXPECT_EQ(f16(1e300), 0x7c00u);
  EXPECT_EQ(f16(-INFINITY), 0xfc00u);
  EXPECT_EQ(f16(-0.0), 0x8000u);
  EXPECT_EQ(f16(std::ldexp(1, -24)), 1u);
  EXPECT_EQ(f16(std::ldexp(1, -25)), 0u);
  EXPECT_EQ(f16(std::ldexp(1.0001, -25)), 1u);
  EXPECT_EQ(f16(std::ldexp(1, -14)), 0x0400u);
  EXPECT_EQ(f16(1e-300), 0u);
}

TEST(Conversions, F32AgreesWithTheHardware) {
  std::mt19937_64 random(3);
  for (int i = 0; i < 200000; ++i) {
    double value = std::ldexp(1 + std::ldexp(static_cast<double>(random() >> 12), -52), int(random() % 300) - 160);
    value = random() % 2 ? value : -value;
    ASSERT_EQ(encode(ElementType::F32, value), floatBits(static_cast<float>(value))) << value;
    ASSERT_EQ(decode(ElementType::F32, floatBits(static_cast<float>(value))), static_cast<float>(value));
    ASSERT_EQ(roundTo(ElementType::F32, value), static_cast<float>(value));
  }
}

TEST(TensorView, ReadsAndWritesThroughStrides) {
  uint16_t memory[64] = {};
  TensorView view{memory, ElementType::F16, {1, 2, 2, 2}, {0, 4, 16, 1}};
  view.store(0, 1, 1, 1, 1.5);
  EXPECT_EQ(memory[21], 0x3e00);
  EXPECT_EQ(view.load(0, 1, 1, 1), 1.5);
  EXPECT_EQ(view.load(0, 1, 1, 0), 0);
  EXPECT_EQ(view.elements(), 8);
}
