// The checks of a launch. Each refusal names the argument, what was expected, what was found, and the way out where
// there is one.
#include "Arguments.h"

#include "Error.h"

#include <algorithm>
#include <cinttypes>
#include <utility>

namespace attn::runtime {

using image::Argument;
using image::LaunchFacts;
using image::Role;

/// Kernels compute positions and their sums with window sizes in 32 bits. A captured buffer is only compared with.
static constexpr int64_t maxExtent = (int64_t(1) << 30) - 1, maxCaptureExtent = (int64_t(1) << 31) - 1;
static constexpr int64_t maxMapStrideBytes = int64_t(1) << 40;
static constexpr int64_t maxGridYZ = 65535;
/// A persistent kernel numbers its programs in 32 bits, with room for a step beyond the last.
static constexpr int64_t maxPersistentPrograms = int64_t(1) << 30;

const char *roleName(Role role) {
  switch (role) {
  case Role::Query:
    return "query";
  case Role::Key:
    return "key";
  case Role::Value:
    return "value";
  case Role::Output:
    return "output";
  case Role::Lse:
    return "lse";
  case Role::Capture:
    return "capture";
  case Role::QueryLengths:
    return "query lengths";
  case Role::KvLengths:
    return "key lengths";
  case Role::QueryOffsets:
    return "query offsets";
  case Role::KvOffsets:
    return "key offsets";
  }
  return "argument";
}

const char *typeName(int type) {
  switch (type) {
  case ATTN_F16:
    return "f16";
  case ATTN_BF16:
    return "bf16";
  case ATTN_F32:
    return "f32";
  case ATTN_I32:
    return "i32";
  default:
    return "an unknown type";
  }
}

namespace {

/// Checks one tensor by itself and fills its bound form.
class TensorChecker {
public:
  TensorChecker(const Argument &argument, Place place, const attnTensor &tensor, BoundTensor &bound)
      : argument(argument), name(roleName(argument.role)), place(place), tensor(tensor), bound(bound),
        rank(argument.rank), bytes(elementBytes(argument.type)) {}

  Status run() {
    if (Status status = checkKind(); status != Status::Ok)
      return status;
    if (Status status = checkExtents(); status != Status::Ok)
      return status;
    if (Status status = checkStrides(); status != Status::Ok)
      return status;
    return checkAddress();
  }

private:
  Status checkKind() {
    if (static_cast<int>(tensor.type) != static_cast<int>(argument.type))
      return fail(Status::InvalidArgument, "%s expects element type %s, got %s; convert it or compile for its type",
                  name, typeName(static_cast<int>(argument.type)), typeName(static_cast<int>(tensor.type)));
    if (tensor.rank != static_cast<int32_t>(rank))
      return fail(Status::InvalidArgument, "%s expects rank %u, got %d", name, rank, tensor.rank);
    if (!tensor.shape)
      return fail(Status::InvalidArgument, "%s expects a shape of %u extents, got a null pointer", name, rank);
    return Status::Ok;
  }

  Status checkExtents() {
    int64_t most = argument.role == Role::Capture ? maxCaptureExtent : maxExtent;
    for (unsigned axis = 0; axis < rank; ++axis) {
      int64_t extent = tensor.shape[axis], wanted = argument.shape[axis];
      if (extent < 0 || extent > most)
        return fail(Status::InvalidArgument, "%s expects axis %u to have an extent from 0 to %" PRId64 ", got %" PRId64,
                    name, axis, most, extent);
      if (wanted >= 0 && extent != wanted)
        return fail(Status::InvalidArgument,
                    "%s expects axis %u to have extent %" PRId64 " as compiled, got %" PRId64
                    "; compile with a dynamic extent to change it",
                    name, axis, wanted, extent);
      bound.shape[axis] = extent;
      empty |= extent == 0;
    }
    return Status::Ok;
  }

  Status checkStrides() {
    int64_t last = bound.shape[rank - 1], compact = 1;
    for (unsigned axis = rank; axis-- > 0;) {
      int64_t extent = bound.shape[axis];
      bool stepped = !empty && extent > 1;
      int64_t unused = axis + 1 == rank || last == 0 ? 1 : last;
      bound.strides[axis] = !stepped ? unused : tensor.strides ? tensor.strides[axis] : compact;
      if (stepped)
        if (Status status = checkStride(axis, bound.strides[axis]); status != Status::Ok)
          return status;
      // An overflow can only come from a shape that no memory holds; the span check refuses it.
      if (__builtin_mul_overflow(compact, extent, &compact))
        compact = INT64_MAX;
    }
    return empty ? Status::Ok : checkSpan();
  }

  Status checkStride(unsigned axis, int64_t stride) {
    if (stride < 0)
      return fail(Status::InvalidArgument, "%s expects axis %u to have a stride of at least 0, got %" PRId64
                  "; copy it to a tensor that is not reversed", name, axis, stride);
    bool rows = rank == 4 && argument.role != Role::Capture; // a tensor with head_dim, which a GPU may copy by rows
    if (rows && axis == 3 && stride != 1)
      return fail(Status::InvalidArgument, "%s expects stride 1 in its last axis (head_dim), got %" PRId64
                  "; make that axis contiguous", name, stride);
    if (stride == 0 && (argument.role == Role::Output || argument.role == Role::Lse))
      return fail(Status::InvalidArgument, "%s expects a stride of at least 1 in axis %u since it is written, got 0; "
                  "give it memory for every element", name, axis);
    if (place == Place::Gpu && rows && axis < 3) {
      int64_t wide;
      if (__builtin_mul_overflow(stride, bytes, &wide) || wide >= maxMapStrideBytes)
        return fail(Status::InvalidArgument, "%s expects axis %u to have a stride below 2^40 bytes, got %" PRId64
                    " elements", name, axis, stride);
      if (wide % 16 != 0)
        return fail(Status::InvalidArgument, "%s expects axis %u to have a stride that is a multiple of 16 bytes, got %"
                    PRId64 " elements (%" PRId64 " bytes); pad the rows or copy the tensor", name, axis, stride, wide);
    }
    return Status::Ok;
  }

  /// The last byte must have an address, so that no kernel's arithmetic can wrap.
  Status checkSpan() {
    int64_t span = bytes;
    for (unsigned axis = 0; axis < rank; ++axis) {
      int64_t step;
      if (__builtin_mul_overflow(bound.strides[axis], bytes, &step) ||
          __builtin_mul_overflow(step, bound.shape[axis] - 1, &step) || __builtin_add_overflow(span, step, &span))
        span = INT64_MAX;
    }
    int64_t end, begin = static_cast<int64_t>(reinterpret_cast<intptr_t>(tensor.data));
    if (span == INT64_MAX || __builtin_add_overflow(begin, span, &end))
      return fail(Status::InvalidArgument, "%s expects its elements to lie within the address space, got strides that "
                  "reach beyond it", name);
    return Status::Ok;
  }

  Status checkAddress() {
    bound.data = tensor.data;
    if (empty)
      return Status::Ok;
    if (!tensor.data)
      return fail(Status::InvalidArgument, "%s expects data, got a null pointer with no extent of 0", name);
    auto address = reinterpret_cast<uintptr_t>(tensor.data);
    unsigned alignment = place == Place::Gpu && rank == 4 && argument.role != Role::Capture ? 16 : static_cast<unsigned>(bytes);
    if (address % alignment != 0)
      return fail(Status::InvalidArgument, "%s expects an address aligned to %u bytes, got %p; copy the tensor", name,
                  alignment, tensor.data);
    return Status::Ok;
  }

  const Argument &argument;
  const char *name;
  Place place;
  const attnTensor &tensor;
  BoundTensor &bound;
  unsigned rank;
  int64_t bytes;
  bool empty = false;
};

/// The bound tensors by role; captures are not looked at here.
struct ByRole {
  const BoundTensor *query = nullptr, *key = nullptr, *value = nullptr, *output = nullptr, *lse = nullptr;
  const BoundTensor *queryLengths = nullptr, *kvLengths = nullptr, *queryOffsets = nullptr, *kvOffsets = nullptr;
};

ByRole findRoles(const LaunchFacts &facts, const BoundLaunch &launch) {
  ByRole found;
  for (size_t i = 0; i < facts.arguments.size(); ++i) {
    const BoundTensor *tensor = &launch.tensors[i];
    switch (facts.arguments[i].role) {
    case Role::Query:
      found.query = tensor;
      break;
    case Role::Key:
      found.key = tensor;
      break;
    case Role::Value:
      found.value = tensor;
      break;
    case Role::Output:
      found.output = tensor;
      break;
    case Role::Lse:
      found.lse = tensor;
      break;
    case Role::QueryLengths:
      found.queryLengths = tensor;
      break;
    case Role::KvLengths:
      found.kvLengths = tensor;
      break;
    case Role::QueryOffsets:
      found.queryOffsets = tensor;
      break;
    case Role::KvOffsets:
      found.kvOffsets = tensor;
      break;
    case Role::Capture:
      break;
    }
  }
  return found;
}

Status expectEqual(const char *what, const char *name, int64_t got, const char *otherName, int64_t other) {
  if (got == other)
    return Status::Ok;
  return fail(Status::InvalidArgument, "%s expects the %s of %s, which is %" PRId64 ", got %" PRId64, name, what,
              otherName, other, got);
}

/// A side has as many sequences as its tensors have batches, or as its offsets say; lengths are a number a sequence. What
/// the numbers are only the kernel knows: they may lie on a GPU.
Status checkSequences(const ByRole &by) {
  struct Side {
    const char *name, *offsetsName, *lengthsName;
    const BoundTensor *tensor, *offsets, *lengths;
  } sides[] = {{"query", "query offsets", "query lengths", by.query, by.queryOffsets, by.queryLengths},
               {"key", "key offsets", "key lengths", by.key, by.kvOffsets, by.kvLengths}};
  const char *counter = nullptr;
  int64_t sequences = 0;
  for (const Side &side : sides) {
    if (side.offsets && side.tensor->shape[0] != 1)
      return fail(Status::InvalidArgument, "%s expects batch 1 as it is packed, got %" PRId64
                  "; lay the sequences one behind another", side.name, side.tensor->shape[0]);
    if (side.offsets && side.offsets->shape[0] < 1)
      return fail(Status::InvalidArgument, "%s expects an element for each sequence and one more, got none", side.offsetsName);
    const char *name = side.offsets ? side.offsetsName : side.name;
    int64_t count = side.offsets ? side.offsets->shape[0] - 1 : side.tensor->shape[0];
    if (!counter)
      counter = name, sequences = count;
    const char *what = side.offsets || counter != sides[0].name ? "number of sequences" : "batch";
    if (Status status = expectEqual(what, name, count, counter, sequences); status != Status::Ok)
      return status;
  }
  for (const Side &side : sides)
    if (side.lengths)
      if (Status status = expectEqual("number of sequences", side.lengthsName, side.lengths->shape[0], counter, sequences);
          status != Status::Ok)
        return status;
  return Status::Ok;
}

Status checkAgreement(const LaunchFacts &facts, const ByRole &by) {
  if (Status status = checkSequences(by); status != Status::Ok)
    return status;
  const int64_t *q = by.query->shape, *k = by.key->shape, *v = by.value->shape, *o = by.output->shape;
  struct Rule {
    const char *what, *name;
    int64_t got;
    const char *otherName;
    int64_t other;
  } rules[] = {
      {"batch", "value", v[0], "key", k[0]},         {"batch", "output", o[0], "query", q[0]},
      {"head count", "value", v[1], "key", k[1]},
      {"head count", "output", o[1], "query", q[1]}, {"length", "value", v[2], "key", k[2]},
      {"length", "output", o[2], "query", q[2]},     {"head_dim", "key", k[3], "query", q[3]},
      {"head_dim", "output", o[3], "value", v[3]},
  };
  for (const Rule &rule : rules)
    if (Status status = expectEqual(rule.what, rule.name, rule.got, rule.otherName, rule.other); status != Status::Ok)
      return status;
  if (by.lse) {
    static const char *const axes[] = {"batch", "head count", "length"};
    for (unsigned axis = 0; axis < 3; ++axis)
      if (Status status = expectEqual(axes[axis], "lse", by.lse->shape[axis], "query", q[axis]); status != Status::Ok)
        return status;
  }
  if (q[1] != k[1] * int64_t(facts.headsPerGroup))
    return fail(Status::InvalidArgument,
                "query expects %u heads for each key/value head as compiled, got %" PRId64 " query and %" PRId64
                " key/value heads; compile for this head grouping",
                facts.headsPerGroup, q[1], k[1]);
  return Status::Ok;
}

/// The launch's extents and the limits on the number of its programs.
Status checkPrograms(const LaunchFacts &facts, Place place, const ByRole &by, BoundLaunch &launch) {
  const BoundTensor &query = *by.query;
  launch.batch = query.shape[0];
  launch.queryHeads = query.shape[1];
  launch.queryLength = query.shape[2];
  launch.keys = by.key->shape[2];
  if (by.kvOffsets)
    launch.keys /= std::max<int64_t>(1, by.kvOffsets->shape[0] - 1);
  launch.headTiles = launch.queryHeads / int64_t(facts.packedHeads);
  launch.tiles = (launch.queryLength + facts.queryTile - 1) / int64_t(facts.queryTile);
  if (by.queryOffsets) // the slots of tile-attention: enough for any lengths, which the host does not know
    launch.tiles = launch.queryLength / int64_t(facts.queryTile) + by.queryOffsets->shape[0] - 1;
  if (place == Place::Gpu && (launch.batch > maxGridYZ || launch.queryHeads > maxGridYZ))
    return fail(Status::InvalidArgument,
                "query expects at most %" PRId64 " batches and heads on a GPU, got %" PRId64 " batches and %" PRId64
                " heads; launch in several parts",
                maxGridYZ, launch.batch, launch.queryHeads);
  int64_t programs;
  if (__builtin_mul_overflow(launch.batch * launch.headTiles, launch.tiles, &programs))
    return fail(Status::InvalidArgument, "query expects fewer than 2^63 tiles, got more; launch in several parts");
  if (facts.persistent && programs > maxPersistentPrograms)
    return fail(Status::InvalidArgument,
                "query expects at most %" PRId64 " tiles in all heads and batches, got %" PRId64
                "; launch in several parts",
                maxPersistentPrograms, programs);
  return Status::Ok;
}

void writeBlock(const LaunchFacts &facts, BoundLaunch &launch) {
  int64_t *word = launch.block;
  for (size_t i = 0; i < facts.arguments.size(); ++i) {
    const BoundTensor &tensor = launch.tensors[i];
    unsigned rank = facts.arguments[i].rank;
    *word++ = static_cast<int64_t>(reinterpret_cast<intptr_t>(tensor.data));
    for (unsigned axis = 0; axis < rank; ++axis)
      *word++ = tensor.shape[axis];
    for (unsigned axis = 0; axis < rank; ++axis)
      *word++ = tensor.strides[axis];
  }
  launch.words = static_cast<unsigned>(word - launch.block);
}

} // namespace

Status bindArguments(const LaunchFacts &facts, Place place, const attnTensor *tensors, size_t count,
                     BoundLaunch &launch) {
  if (!tensors)
    return fail(Status::InvalidArgument, "launch expects an array of tensors, got a null pointer");
  if (count != facts.arguments.size())
    return fail(Status::InvalidArgument,
                "launch expects %zu tensors (query, key, value, ... in the kernel's order), got %zu",
                facts.arguments.size(), count);
  for (size_t i = 0; i < count; ++i)
    if (Status status = TensorChecker(facts.arguments[i], place, tensors[i], launch.tensors[i]).run();
        status != Status::Ok)
      return status;
  ByRole by = findRoles(facts, launch);
  if (Status status = checkAgreement(facts, by); status != Status::Ok)
    return status;
  if (Status status = checkPrograms(facts, place, by, launch); status != Status::Ok)
    return status;
  writeBlock(facts, launch);
  return Status::Ok;
}

} // namespace attn::runtime
