// The checks of an image's facts at load. The image reader guarantees a well-formed file; this guarantees that the
// file describes an attention kernel, so that launch checks may rely on roles, ranks and boxes without asking again.
#include "Arguments.h"
#include "Error.h"

#include <cinttypes>

namespace attn::runtime {

using image::Argument;
using image::ElementType;
using image::LaunchFacts;
using image::Role;

namespace {

Status refuse(const char *name, const char *expected) {
  return fail(Status::InvalidImage, "image expects its %s argument to %s; compile the kernel again", name, expected);
}

bool isRowVector(Role role) { return role == Role::Lse; }
bool isOfSequences(Role role) { return role >= Role::QueryLengths; }

Status checkArgument(const Argument &argument, Place place) {
  const char *name = roleName(argument.role);
  if (argument.rank < 1 || argument.rank > maxRank)
    return refuse(name, "have a rank from 1 to 4");
  if (isOfSequences(argument.role) && (argument.rank != 1 || argument.type != ElementType::I32))
    return refuse(name, "have rank 1 and element type i32");
  if (argument.role < Role::Capture && argument.rank != (isRowVector(argument.role) ? 3u : 4u))
    return refuse(name, isRowVector(argument.role) ? "have rank 3" : "have rank 4");
  if (isRowVector(argument.role) && argument.type != ElementType::F32)
    return refuse(name, "have element type f32");
  for (unsigned axis = 0; axis < argument.rank; ++axis)
    if (argument.shape[axis] < -1 || argument.shape[axis] >= int64_t(1) << 31)
      return refuse(name, "have extents from 0 to 2^31 - 1, or -1 for dynamic ones");
  if (argument.role != Role::Capture && argument.rank == 4 && argument.shape[3] < 1)
    return refuse(name, "have a static head_dim");
  if (argument.boxRows == 0)
    return Status::Ok;
  int64_t rowBytes = argument.boxColumns * elementBytes(argument.type);
  if (place == Place::Cpu || argument.rank != 4 || argument.boxRows > 256 || argument.boxColumns == 0 ||
      rowBytes > 128 || rowBytes % 16 != 0 || argument.shape[3] * elementBytes(argument.type) % 16 != 0)
    return refuse(name, "have a box of 1 to 256 rows of 16 to 128 bytes, on a GPU, if it has one");
  return Status::Ok;
}

/// Roles come in the order query, key, value, captures, lengths and offsets of queries and keys if any, output, and
/// lse or nothing.
bool rolesInOrder(const std::vector<Argument> &arguments) {
  size_t count = arguments.size(), next = 3;
  if (count < 4 || arguments[0].role != Role::Query || arguments[1].role != Role::Key ||
      arguments[2].role != Role::Value)
    return false;
  while (next < count && arguments[next].role == Role::Capture)
    ++next;
  for (Role role : {Role::QueryLengths, Role::KvLengths, Role::QueryOffsets, Role::KvOffsets})
    next += next < count && arguments[next].role == role;
  if (next == count || arguments[next].role != Role::Output)
    return false;
  ++next;
  return next == count || (next + 1 == count && arguments[next].role == Role::Lse);
}

Status checkNumbers(const LaunchFacts &facts, Place place) {
  if (facts.headsPerGroup == 0 || facts.queryTile == 0)
    return fail(Status::InvalidImage, "image expects heads per group and query tile to be at least 1, got %u and %u",
                facts.headsPerGroup, facts.queryTile);
  if (place == Place::Gpu && (facts.blockThreads == 0 || facts.blockThreads > 1024))
    return fail(Status::InvalidImage, "image expects 1 to 1024 threads in a block, got %u", facts.blockThreads);
  if (place == Place::Gpu && facts.sharedBytes > (1u << 20))
    return fail(Status::InvalidImage, "image expects at most 2^20 bytes of shared memory, got %u", facts.sharedBytes);
  if (place == Place::Cpu && facts.scratchBytes > uint64_t(1) << 30)
    return fail(Status::InvalidImage, "image expects at most 2^30 bytes of scratch, got %" PRIu64, facts.scratchBytes);
  return Status::Ok;
}

} // namespace

Status checkFacts(const LaunchFacts &facts, Place place) {
  if (facts.arguments.size() > maxArguments)
    return fail(Status::InvalidImage, "image expects at most %u arguments, got %zu", maxArguments,
                facts.arguments.size());
  if (!rolesInOrder(facts.arguments))
    return fail(Status::InvalidImage, "image expects arguments query, key, value, captures, lengths, offsets, output, lse in "
                                      "this order, "
                                      "got another; compile the kernel again");
  for (const Argument &argument : facts.arguments)
    if (Status status = checkArgument(argument, place); status != Status::Ok)
      return status;
  const Argument &query = facts.arguments[0], &key = facts.arguments[1], &value = facts.arguments[2];
  const Argument *output = &facts.arguments.back();
  if (output->role == Role::Lse)
    --output;
  if (query.type != key.type || query.type != value.type || query.type != output->type)
    return fail(Status::InvalidImage, "image expects query, key, value and output of one element type, got several");
  if (query.shape[3] != key.shape[3] || value.shape[3] != output->shape[3])
    return fail(Status::InvalidImage,
                "image expects query and key, and value and output, to have the same head_dim, got others");
  return checkNumbers(facts, place);
}

} // namespace attn::runtime
