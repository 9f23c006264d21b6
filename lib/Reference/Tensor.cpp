// Element types and strided access.
#include "attn/Reference/Tensor.h"

#include <cmath>
#include <cstring>

namespace attn::reference {
namespace {

/// The binary formats, told apart by two numbers.
struct Format {
  int exponentBits, mantissaBits;
  int bias() const { return (1 << (exponentBits - 1)) - 1; }
  uint32_t infinity() const { return ((1u << exponentBits) - 1) << mantissaBits; }
  uint32_t sign() const { return 1u << (exponentBits + mantissaBits); }
  /// The exponent of the smallest step between neighbours.
  int lowestExponent() const { return 1 - bias() - mantissaBits; }
};

Format formatOf(ElementType type) {
  switch (type) {
  case ElementType::F16:
    return {5, 10};
  case ElementType::BF16:
    return {8, 7};
  case ElementType::F32:
  case ElementType::I32: // not of this kind; decode and encode treat it apart
    break;
  }
  return {8, 23};
}

} // namespace

const char *typeName(ElementType type) {
  if (type == ElementType::I32)
    return "i32";
  return type == ElementType::F16 ? "f16" : type == ElementType::BF16 ? "bf16" : "f32";
}

int64_t elementBytes(ElementType type) { return type == ElementType::F32 || type == ElementType::I32 ? 4 : 2; }

double unitRoundoff(ElementType type) { return std::ldexp(1.0, -formatOf(type).mantissaBits - 1); }

double smallestStep(ElementType type) { return std::ldexp(1.0, formatOf(type).lowestExponent()); }

double decode(ElementType type, uint32_t bits) {
  if (type == ElementType::I32)
    return static_cast<int32_t>(bits);
  Format format = formatOf(type);
  uint32_t mantissaMask = (1u << format.mantissaBits) - 1;
  uint32_t exponent = (bits & format.infinity()) >> format.mantissaBits, mantissa = bits & mantissaMask;
  double magnitude;
  if (exponent == (1u << format.exponentBits) - 1)
    magnitude = mantissa ? std::nan("") : INFINITY;
  else if (exponent == 0)
    magnitude = std::ldexp(mantissa, format.lowestExponent());
  else
    magnitude = std::ldexp(mantissa + mantissaMask + 1, static_cast<int>(exponent) - 1 + format.lowestExponent());
  return bits & format.sign() ? -magnitude : magnitude;
}

uint32_t encode(ElementType type, double value) {
  if (type == ElementType::I32)
    return static_cast<uint32_t>(static_cast<int32_t>(value));
  Format format = formatOf(type);
  uint32_t sign = std::signbit(value) ? format.sign() : 0;
  if (std::isnan(value))
    return sign | format.infinity() | 1u << (format.mantissaBits - 1);
  double magnitude = std::fabs(value);
  if (std::isinf(magnitude))
    return sign | format.infinity();
  // The step between neighbours at this magnitude; below the normal numbers it is the same for all.
  int step = magnitude == 0 ? format.lowestExponent() : std::ilogb(magnitude) - format.mantissaBits;
  if (step < format.lowestExponent())
    step = format.lowestExponent();
  // Scaling by a power of two is exact in double, so nearbyint is the only rounding. A carry into the next exponent
  // comes out right since exponent and mantissa are added as one number.
  auto units = static_cast<uint64_t>(std::nearbyint(std::ldexp(magnitude, -step)));
  uint64_t bits = (static_cast<uint64_t>(step - format.lowestExponent()) << format.mantissaBits) + units;
  return sign | static_cast<uint32_t>(bits < format.infinity() ? bits : format.infinity());
}

double roundTo(ElementType type, double value) {
  if (type == ElementType::F32)
    return static_cast<float>(value);
  return decode(type, encode(type, value));
}

double TensorView::load(int64_t b, int64_t h, int64_t s, int64_t d) const {
  const char *at = static_cast<const char *>(data) + elementBytes(type) * offset(b, h, s, d);
  uint32_t bits = 0;
  std::memcpy(&bits, at, elementBytes(type));
  return decode(type, bits);
}

void TensorView::store(int64_t b, int64_t h, int64_t s, int64_t d, double value) const {
  char *at = static_cast<char *>(data) + elementBytes(type) * offset(b, h, s, d);
  uint32_t bits = encode(type, value);
  std::memcpy(at, &bits, elementBytes(type));
}

TensorView denseView(void *data, ElementType type, int64_t b, int64_t h, int64_t s, int64_t d) {
  return {data, type, {b, h, s, d}, {h * s * d, s * d, d, 1}};
}

} // namespace attn::reference
