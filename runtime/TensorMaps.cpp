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

/// A step of 16 bytes, of which addresses and strides of maps are multiples, in the axes that lead backwards.
static constexpr uint64_t backStep = 16, backCount = uint64_t(1) << 30, backStride = (uint64_t(1) << 34);

/// Collects the axes of a map, the fastest first.
struct Axes {
  uint64_t extents[5], strides[4];
  unsigned rank = 0;

  void add(uint64_t extent, uint64_t stride) {
    if (rank > 0)
      strides[rank - 1] = stride;
    extents[rank++] = extent > 0 ? extent : 1;
  }
};

/// A map of axes (head_dim, sequence, head, batch), whose copies bring rows of `heads` heads. Extents of 0 become 1: a map may not
/// have them, and the kernel makes no load from an empty tensor. The caller sees to an address that is not null.
///
/// Where sequences end before the tensor, the rows of a copy have to end with the sequence: it asks for row x = N - (e - r)
/// instead of r, where N is the extent and e the end, and the copy brings zeros from x = N on. What that is too far leads
/// back over two further axes, whose strides are 2^34 - 16 and 2^34: at (y, 2^30 - y) they come to 2^64 - 16 y, which is
/// 16 y bytes back. (The map's address cannot be moved instead: it has to lie in memory that is there. Triton's ragged
/// descriptors wrap around 2^64 likewise.) Five axes are all that a map has, so the batch is a way back too, from the
/// last one, where the map begins: y = ((N - e) row stride + (B - 1 - b) batch stride) / 16.
static Status encode(const Driver &driver, const image::Argument &argument, const BoundTensor &tensor, uint32_t heads,
                     bool ragged, TensorMap &map) {
  uint64_t bytes = static_cast<uint64_t>(elementBytes(argument.type));
  auto extent = [&](unsigned axis) { return static_cast<uint64_t>(tensor.shape[axis]); };
  auto stride = [&](unsigned axis) { return static_cast<uint64_t>(tensor.strides[axis]) * bytes; };
  auto address = reinterpret_cast<uintptr_t>(tensor.data);
  Axes axes;
  axes.add(extent(3), 0);
  axes.add(extent(2), stride(2));
  if (ragged) {
    uint64_t batches = extent(0) > 0 ? extent(0) - 1 : 0, farthest = extent(2) * stride(2) + batches * stride(0);
    if (farthest >= backStep * backCount)
      return fail(Status::InvalidArgument, "%s expects less than 16 GiB from its first batch to the end of its last, as its "
                  "sequences end before it does, got %llu bytes; launch in several parts", roleName(argument.role),
                  static_cast<unsigned long long>(farthest));
    axes.add(backCount + 1, backStride - backStep);
    axes.add(backCount + 1, backStride);
    address += batches * stride(0);
  }
  unsigned headAxis = axes.rank;
  axes.add(extent(1), stride(1));
  if (!ragged)
    axes.add(extent(0), stride(0));
  uint32_t box[5] = {argument.boxColumns, argument.boxRows, 1, 1, 1}, steps[5] = {1, 1, 1, 1, 1};
  box[headAxis] = heads;
  int code = driver.cuTensorMapEncodeTiled(&map, mapType(argument.type), axes.rank, reinterpret_cast<void *>(address),
                                           axes.extents, axes.strides, box, steps, cu::InterleaveNone, cu::Swizzle128,
                                           cu::Promote256, cu::FillZero);
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
      uint32_t heads = argument.role == image::Role::Query ? facts.packedHeads : 1;
      bool ragged = endsEarly(facts, argument.role);
      if (Status status = encode(driver, argument, tensor, heads, ragged, entry.map); status != Status::Ok)
        return status;
      entry.key = tensor;
      entry.valid = true;
    }
    maps[count++] = entry.map;
  }
  return Status::Ok;
}

} // namespace attn::runtime
