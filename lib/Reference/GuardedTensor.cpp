// Tensors between NaNs.
#include "attn/Reference/GuardedTensor.h"

#include "attn/Reference/Random.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>

namespace attn::reference {
namespace {

/// A NaN with a payload that no arithmetic makes.
uint32_t guardBits(ElementType type) {
  return type == ElementType::F16 ? 0x7e5a : type == ElementType::BF16 ? 0x7fda : 0x7fda5a5a;
}

/// Calls visit(b, h, s, d) in dense order.
template <typename Visit>
void forEachElement(const TensorLayout &layout, Visit visit) {
  for (int64_t b = 0; b < layout.shape[0]; ++b)
    for (int64_t h = 0; h < layout.shape[1]; ++h)
      for (int64_t s = 0; s < layout.shape[2]; ++s)
        for (int64_t d = 0; d < layout.shape[3]; ++d)
          visit(b, h, s, d);
}

/// Elements from the first to the last, gaps included.
int64_t spanOf(const TensorLayout &layout) {
  int64_t last = 0;
  for (int axis = 0; axis < 4; ++axis) {
    if (layout.shape[axis] == 0)
      return 0;
    last += (layout.shape[axis] - 1) * layout.strides[axis];
  }
  return last + 1;
}

} // namespace

void GuardedTensor::Free::operator()(uint8_t *memory) const { std::free(memory); }

GuardedTensor::GuardedTensor(const TensorLayout &layout) : layout_(layout), inside_(spanOf(layout)) {
  bytes_ = (inside_.size() + 2 * guardElements) * elementBytes(layout.type);
  constexpr size_t alignment = 64;
  size_t rounded = (bytes_ + alignment - 1) / alignment * alignment;
  memory_.reset(static_cast<uint8_t *>(std::aligned_alloc(alignment, rounded)));
  forEachElement(layout, [&](int64_t b, int64_t h, int64_t s, int64_t d) { inside_[view().offset(b, h, s, d)] = true; });
  fillNaN();
}

TensorView GuardedTensor::view() const {
  TensorView view;
  view.data = memory_.get() + offsetBytes();
  view.type = layout_.type;
  std::copy(layout_.shape, layout_.shape + 4, view.shape);
  std::copy(layout_.strides, layout_.strides + 4, view.strides);
  return view;
}

size_t GuardedTensor::offsetBytes() const { return guardElements * elementBytes(layout_.type); }

void GuardedTensor::fillNormal(uint64_t seed, double magnitude) {
  Random random(seed);
  forEachElement(layout_, [&](int64_t b, int64_t h, int64_t s, int64_t d) {
    view().store(b, h, s, d, magnitude * random.normal());
  });
}

void GuardedTensor::fill(const std::vector<double> &values) {
  size_t next = 0;
  forEachElement(layout_, [&](int64_t b, int64_t h, int64_t s, int64_t d) { view().store(b, h, s, d, values[next++]); });
}

void GuardedTensor::fillNaN() {
  uint32_t bits = guardBits(layout_.type);
  size_t size = elementBytes(layout_.type);
  for (size_t at = 0; at < bytes_; at += size)
    std::memcpy(memory_.get() + at, &bits, size);
}

int64_t GuardedTensor::firstBrokenGuard() const {
  uint32_t expected = guardBits(layout_.type);
  size_t size = elementBytes(layout_.type);
  auto span = static_cast<int64_t>(inside_.size());
  for (int64_t at = -guardElements; at < span + guardElements; ++at) {
    if (at >= 0 && at < span && inside_[at])
      continue;
    if (std::memcmp(memory_.get() + (at + guardElements) * size, &expected, size) != 0)
      return at;
  }
  return noGuard;
}

uint64_t GuardedTensor::digest() const {
  uint64_t hash = 0xCBF29CE484222325;
  for (size_t at = 0; at < bytes_; ++at)
    hash = (hash ^ memory_.get()[at]) * 0x100000001B3;
  return hash;
}

} // namespace attn::reference
