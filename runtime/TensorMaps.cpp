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
    break; // a captured buffer or numbers of sequences, which have no map
  }
  return cu::Float16;
}

/// Whether sequences of the tensor may end before the tensor does.
static bool endsEarly(const image::LaunchFacts &facts, image::Role role) {
  bool keys = role == image::Role::Key || role == image::Role::Value;
  if (!keys && role != image::Role::Query)
    return false;
  image::Role lengths = keys ? image::Role::KvLengths : image::Role::QueryLengths;
  image::Role offsets = keys ? image::Role::KvOffsets : image::Role::QueryOffsets;
  for (const image::Argument &argument : facts.arguments)
    if (argument.role == lengths || argument.role == offsets)
      return true;
  return false;
}

/// A map of axes (head_dim, sequence, head, batch). Extents of 0 become 1: a map may not have them, and the kernel
/// makes no load from an empty tensor. The caller sees to an address that is not null.
///
/// Where sequences end before the tensor, there are two axes of rows, x below the extent N and y, and the address is moved
/// back by N rows. For a row r of a sequence that ends at row e the kernel asks for x = N - (e - r) and y = e: that is row
/// N - e + r + e - N = r, and from r = e on x is at least N, so the copy brings zeros and reads nothing.
static Status encode(const Driver &driver, const image::Argument &argument, const BoundTensor &tensor, bool ragged,
                     TensorMap &map) {
  uint64_t bytes = static_cast<uint64_t>(elementBytes(argument.type));
  uint64_t extents[5], strides[4];
  auto address = reinterpret_cast<uintptr_t>(tensor.data);
  unsigned rank = 0;
  auto addAxis = [&](unsigned axis, int64_t extent) {
    if (rank > 0)
      strides[rank - 1] = static_cast<uint64_t>(tensor.strides[axis]) * bytes;
    extents[rank++] = extent > 0 ? static_cast<uint64_t>(extent) : 1;
  };
  addAxis(3, tensor.shape[3]);
  addAxis(2, tensor.shape[2]);
  if (ragged) {
    addAxis(2, tensor.shape[2] + 1);
    address -= static_cast<uint64_t>(tensor.shape[2]) * strides[0];
  }
  addAxis(1, tensor.shape[1]);
  addAxis(0, tensor.shape[0]);
  uint32_t box[5] = {argument.boxColumns, argument.boxRows, 1, 1, 1}, steps[5] = {1, 1, 1, 1, 1};
  int code = driver.cuTensorMapEncodeTiled(&map, mapType(argument.type), rank, reinterpret_cast<void *>(address), extents,
                                           strides, box, steps, cu::InterleaveNone, cu::Swizzle128, cu::Promote256,
                                           cu::FillZero);
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
      if (Status status = encode(driver, argument, tensor, endsEarly(facts, argument.role), entry.map); status != Status::Ok)
        return status;
      entry.key = tensor;
      entry.valid = true;
    }
    maps[count++] = entry.map;
  }
  return Status::Ok;
}

} // namespace attn::runtime
