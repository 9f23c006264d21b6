// Encoding of tensor maps, and the one-launch cache in front of it.
#include "TensorMaps.h"

#include "Error.h"

#include <cstring>

namespace attn::runtime {

static int mapType(image::ElementType type) {
  switch (type) {
  case image::ElementType::F16:
    return cu::Float16;
  case image::ElementType::BF16:
    return cu::Bfloat16;
  case image::ElementType::F32:
    return cu::Float32;
  case image::ElementType::I32:
    break; // a captured buffer, which has no map
  }
  return cu::Float16;
}

/// A map of axes (head_dim, sequence, head, batch). Extents of 0 become 1: a map may not have them, and the kernel
/// makes no load from an empty tensor. The caller sees to an address that is not null.
static Status encode(const Driver &driver, const image::Argument &argument, const BoundTensor &tensor, TensorMap &map) {
  uint64_t bytes = static_cast<uint64_t>(elementBytes(argument.type));
  uint64_t extents[4], strides[3];
  for (unsigned axis = 0; axis < 4; ++axis)
    extents[axis] = tensor.shape[3 - axis] > 0 ? static_cast<uint64_t>(tensor.shape[3 - axis]) : 1;
  for (unsigned axis = 0; axis < 3; ++axis)
    strides[axis] = static_cast<uint64_t>(tensor.strides[2 - axis]) * bytes;
  uint32_t box[4] = {argument.boxColumns, argument.boxRows, 1, 1}, steps[4] = {1, 1, 1, 1};
  int code = driver.cuTensorMapEncodeTiled(&map, mapType(argument.type), 4, tensor.data, extents, strides, box, steps,
                                           cu::InterleaveNone, cu::Swizzle128, cu::Promote256, cu::FillZero);
  if (code) {
    char what[64] = "tensor map of ";
    std::strncat(what, roleName(argument.role), sizeof what - std::strlen(what) - 1);
    return driverFailure(driver, what, code);
  }
  return Status::Ok;
}

static bool sameTensor(const BoundTensor &a, const BoundTensor &b) {
  return a.data == b.data && std::memcmp(a.shape, b.shape, sizeof a.shape) == 0 &&
         std::memcmp(a.strides, b.strides, sizeof a.strides) == 0;
}

Status TensorMaps::get(const Driver &driver, const image::LaunchFacts &facts, const BoundLaunch &launch,
                       TensorMap *maps, unsigned &count) {
  count = 0;
  std::lock_guard<std::mutex> lock(mutex);
  for (size_t i = 0; i < facts.arguments.size(); ++i) {
    const image::Argument &argument = facts.arguments[i];
    if (argument.boxRows == 0)
      continue;
    BoundTensor tensor = launch.tensors[i];
    for (int64_t extent : tensor.shape)
      if (extent == 0)
        tensor.data = launch.tensors[0].data; // the query has elements, else nothing is launched
    Entry &entry = entries[i];
    if (!entry.valid || !sameTensor(entry.key, tensor)) {
      entry.valid = false;
      if (Status status = encode(driver, argument, tensor, entry.map); status != Status::Ok)
        return status;
      entry.key = tensor;
      entry.valid = true;
    }
    maps[count++] = entry.map;
  }
  return Status::Ok;
}

} // namespace attn::runtime
