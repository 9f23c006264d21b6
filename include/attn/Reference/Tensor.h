// Tensors of the oracle: a pointer with extents and strides, and exact conversions between doubles and the element
// types. Nothing here is fast on purpose; everything is meant to be read and believed.
#ifndef ATTN_REFERENCE_TENSOR_H
#define ATTN_REFERENCE_TENSOR_H

#include <cstdint>
#include <vector>

namespace attn::reference {

/// The numbers are those of the image format and of the C interfaces.
enum class ElementType : uint32_t { F16 = 1, BF16 = 2, F32 = 3, I32 = 4 }; // I32: captured buffers alone

const char *typeName(ElementType type); ///< as MLIR writes it
int64_t elementBytes(ElementType type);
/// Largest relative error of one rounding to nearest: 2^-11, 2^-8, 2^-24.
double unitRoundoff(ElementType type);
/// Distance of neighbouring subnormal numbers.
double smallestStep(ElementType type);

/// The value of an element, exactly. F16 and BF16 use the low 16 bits.
double decode(ElementType type, uint32_t bits);
/// The nearest element, ties to even, as IEEE 754 rounds; beyond the largest finite one, infinity. NaN stays NaN.
uint32_t encode(ElementType type, double value);
/// decode(encode(value)).
double roundTo(ElementType type, double value);

/// Four axes (batch, head, sequence, head_dim) of memory that someone else owns. A log-sum-exp has a last extent of 1.
struct TensorView {
  void *data = nullptr;
  ElementType type = ElementType::F32;
  int64_t shape[4] = {0, 0, 0, 0};
  int64_t strides[4] = {0, 0, 0, 0}; ///< in elements

  int64_t offset(int64_t b, int64_t h, int64_t s, int64_t d) const {
    return b * strides[0] + h * strides[1] + s * strides[2] + d * strides[3];
  }
  int64_t elements() const { return shape[0] * shape[1] * shape[2] * shape[3]; }
  double load(int64_t b, int64_t h, int64_t s, int64_t d) const;
  void store(int64_t b, int64_t h, int64_t s, int64_t d, double value) const;
};

/// A view of dense memory, last axis fastest.
TensorView denseView(void *data, ElementType type, int64_t b, int64_t h, int64_t s, int64_t d);

} // namespace attn::reference

#endif // ATTN_REFERENCE_TENSOR_H
