// One walk over the offsets, some at a time on the stack: a launch allocates nothing.
#include "Sequences.h"

#include "Error.h"

#include <algorithm>
#include <cinttypes>
#include <cstdlib>
#include <cstring>

namespace attn::runtime {
namespace {

using image::Role;

/// Copies a run of i32 to the host; the address is that of the first.
using Fetch = Status (*)(const void *context, int32_t *to, const char *from, int64_t count);

Status fetchFromHost(const void *, int32_t *to, const char *from, int64_t count) {
  std::memcpy(to, from, static_cast<size_t>(count) * sizeof(int32_t));
  return Status::Ok;
}

Status fetchFromDevice(const void *context, int32_t *to, const char *from, int64_t count) {
  const Driver &driver = *static_cast<const Driver *>(context);
  auto address = static_cast<DevicePointer>(reinterpret_cast<uintptr_t>(from));
  int code = driver.cuMemcpyDtoH(to, address, static_cast<size_t>(count) * sizeof(int32_t));
  return code ? driverFailure(driver, "fetching offsets for ATTN_CHECK", code) : Status::Ok;
}

/// Offsets may have gaps between them, which are not read.
Status fetchSome(Fetch fetch, const void *context, const BoundTensor &offsets, int64_t first, int64_t count, int32_t *to) {
  int64_t stride = offsets.strides[0], run = stride == 1 ? count : 1;
  for (int64_t at = 0; at < count; at += run) {
    const char *from = static_cast<const char *>(offsets.data) + (first + at) * stride * int64_t(sizeof(int32_t));
    if (Status status = fetch(context, to + at, from, run); status != Status::Ok)
      return status;
  }
  return Status::Ok;
}

Status checkOffsets(Fetch fetch, const void *context, const char *name, const BoundTensor &offsets, const char *tensorName,
                    int64_t rows) {
  int32_t numbers[256], before = 0;
  constexpr int64_t most = sizeof numbers / sizeof *numbers;
  int64_t count = offsets.shape[0];
  for (int64_t first = 0; first < count; first += most) {
    int64_t some = std::min(most, count - first);
    if (Status status = fetchSome(fetch, context, offsets, first, some, numbers); status != Status::Ok)
      return status;
    if (first == 0 && numbers[0] != 0)
      return fail(Status::InvalidArgument, "%s expects to begin with 0, got %" PRId32, name, numbers[0]);
    for (int64_t i = 0; i < some; before = numbers[i++])
      if (numbers[i] < before)
        return fail(Status::InvalidArgument, "%s expects numbers that do not fall, got %" PRId32 " at %" PRId64
                    " behind %" PRId32, name, numbers[i], first + i, before);
  }
  if (before > rows)
    return fail(Status::InvalidArgument, "%s expects to end with at most %" PRId64 ", the length of %s, got %" PRId32, name,
                rows, tensorName, before);
  return Status::Ok;
}

Status check(Fetch fetch, const void *context, const image::LaunchFacts &facts, const BoundLaunch &launch) {
  for (size_t i = 0; i < facts.arguments.size(); ++i) {
    Role role = facts.arguments[i].role;
    if (role != Role::QueryOffsets && role != Role::KvOffsets)
      continue;
    // Query, key and value are the first arguments of every kernel.
    unsigned tensor = role == Role::QueryOffsets ? 0 : 1;
    Status status = checkOffsets(fetch, context, roleName(role), launch.tensors[i], roleName(facts.arguments[tensor].role),
                                 launch.tensors[tensor].shape[2]);
    if (status != Status::Ok)
      return status;
  }
  return Status::Ok;
}

} // namespace

bool checksNumbers() {
  const char *asked = std::getenv("ATTN_CHECK");
  return asked && *asked && std::strcmp(asked, "0") != 0;
}

Status checkSequencesOnHost(const image::LaunchFacts &facts, const BoundLaunch &launch) {
  return check(fetchFromHost, nullptr, facts, launch);
}

Status checkSequencesOnDevice(const Driver &driver, Stream stream, const image::LaunchFacts &facts, const BoundLaunch &launch) {
  if (int code = driver.cuStreamSynchronize(stream))
    return driverFailure(driver, "waiting for offsets to check for ATTN_CHECK", code);
  return check(fetchFromDevice, &driver, facts, launch);
}

} // namespace attn::runtime
