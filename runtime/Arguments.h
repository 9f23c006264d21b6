// Checks the tensors of a launch against the facts of an image and lays them out for the kernel. All work is on the
// stack: a launch allocates nothing. What only one target asks for is switched by `Place`.
#ifndef ATTN_RUNTIME_ARGUMENTS_H
#define ATTN_RUNTIME_ARGUMENTS_H

#include "attn-c/Runtime.h"
#include "attn/Image/Image.h"
#include "attn/Support/Result.h"

namespace attn::runtime {

enum class Place { Cpu, Gpu };

/// The most arguments a kernel may have; the image reader's bound is checked against it at load.
constexpr unsigned maxArguments = 16;
constexpr unsigned maxRank = 4;
/// The words of the longest argument block: for each tensor its address, extents and strides.
constexpr unsigned maxArgumentWords = maxArguments * (1 + 2 * maxRank);

/// Bytes of one element.
constexpr int64_t elementBytes(image::ElementType type) { return type == image::ElementType::F16 || type == image::ElementType::BF16 ? 2 : 4; }

/// One argument after the checks. Strides of axes that are never stepped along (extent 0 or 1, or an empty tensor)
/// are replaced by the length of a row, since callers leave anything there and a tensor map refuses some of it.
struct BoundTensor {
  void *data;
  int64_t shape[maxRank];
  int64_t strides[maxRank];
};

/// A checked launch. Programs are numbered as in attnCpuFunction.
struct BoundLaunch {
  BoundTensor tensors[maxArguments];
  int64_t batch, queryHeads, queryLength;
  int64_t headTiles, tiles; ///< programs are for a batch, a tile of heads and a tile of queries
  int64_t keys;             ///< of a batch; of packed sequences the mean, as the host does not know each
  /// The argument block of the kernel interface: for each tensor address, sizes, strides.
  int64_t block[maxArgumentWords];
  unsigned words; ///< of the block

  bool empty() const { return batch == 0 || queryHeads == 0 || queryLength == 0 || tiles == 0; }
};

/// Checks once, at load, that the facts make an attention kernel that the launch checks can rely on: roles in order,
/// ranks, types and static extents that agree, boxes that a tensor map can have.
Status checkFacts(const image::LaunchFacts &facts, Place place);

/// Checks the tensors and fills `launch`.
Status bindArguments(const image::LaunchFacts &facts, Place place, const attnTensor *tensors, size_t count,
                     BoundLaunch &launch);

/// The word for a role in messages.
const char *roleName(image::Role role);

/// The word for an element type in messages.
const char *typeName(int type);

} // namespace attn::runtime

#endif // ATTN_RUNTIME_ARGUMENTS_H
