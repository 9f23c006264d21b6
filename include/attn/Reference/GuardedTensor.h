// A tensor in memory that is NaN wherever the tensor is not: before, after, and in the gaps between its rows. A kernel
// that reads too far gets NaN into its result; one that writes too far changes a NaN, and is caught.
#ifndef ATTN_REFERENCE_GUARDEDTENSOR_H
#define ATTN_REFERENCE_GUARDEDTENSOR_H

#include "attn/Reference/Layout.h"

#include <memory>
#include <vector>

namespace attn::reference {

class GuardedTensor {
public:
  /// NaN elements before the first element and after the last. The first element is aligned to 16 bytes, not to more.
  static constexpr int64_t guardElements = 520;

  /// All NaN, the tensor's own elements too.
  explicit GuardedTensor(const TensorLayout &layout);

  TensorView view() const;
  const TensorLayout &layout() const { return layout_; }

  /// The memory with its guards. A copy elsewhere (a GPU) has the first element offsetBytes() behind its start, and is
  /// checked by copying it back here.
  void *memory() const { return memory_.get(); }
  size_t memoryBytes() const { return bytes_; }
  size_t offsetBytes() const;

  /// Standard normal numbers times a magnitude, rounded to the type. What an element gets depends on the seed and on its
  /// indices' position in dense order, not on strides.
  void fillNormal(uint64_t seed, double magnitude = 1);
  /// As many values as there are elements, in dense order, each rounded to the type.
  void fill(const std::vector<double> &values);
  /// Back to all NaN.
  void fillNaN();

  /// Whether every element outside the tensor still holds the NaN it was made with, bit for bit.
  bool guardsIntact() const { return firstBrokenGuard() == noGuard; }
  /// The offset of the first changed element, in elements from the tensor's first one (negative: before it).
  int64_t firstBrokenGuard() const;
  static constexpr int64_t noGuard = INT64_MIN;

  /// A number that changes when any byte of the memory does, the tensor's elements included.
  uint64_t digest() const;

private:
  struct Free {
    void operator()(uint8_t *memory) const;
  };

  TensorLayout layout_;
  std::vector<bool> inside_; ///< of the elements between the guards: whether the tensor owns it
  size_t bytes_ = 0;
  std::unique_ptr<uint8_t, Free> memory_;
};

} // namespace attn::reference

#endif // ATTN_REFERENCE_GUARDEDTENSOR_H
