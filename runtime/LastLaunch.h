// What a kernel's last launch was given and what became of it. Serving and training loops launch on the same tensors again
// and again: a launch whose arguments are those of the last one, word for word, takes over its result and checks nothing.
#ifndef ATTN_RUNTIME_LASTLAUNCH_H
#define ATTN_RUNTIME_LASTLAUNCH_H

#include "Arguments.h"
#include "Driver.h"

#include <mutex>

namespace attn::runtime {

struct LaunchSizes {
  unsigned mapCount, wordCount;
  unsigned grid[3];
  unsigned parts; ///< blocks that share a program, where the launch decides
};

/// All that the driver needs for a launch: parameters and grid. Of the arrays only what the counts name is set.
struct PreparedLaunch : LaunchSizes {
  TensorMap maps[maxArguments];
  int64_t block[maxArgumentWords + 1]; ///< and a counter's number, where the kernel has one
};

/// Any thread may call: what is kept is copied in and out.
class LastLaunch {
public:
  /// Whether the arguments are those of the launch that is kept; then `launch` is set. `count` arguments must be readable.
  bool recall(const attnTensor *tensors, size_t count, PreparedLaunch &launch);

  /// Keeps a launch whose arguments have been checked, instead of the one before.
  void keep(const attnTensor *tensors, size_t count, const PreparedLaunch &launch);

private:
  /// One argument, with copies of its shape and strides: the caller's arrays may be gone or changed at the next launch.
  struct Given {
    void *data;
    attnElementType type;
    int32_t rank;
    bool strided;
    int64_t shape[maxRank], strides[maxRank];
  };
  static bool same(const Given &given, const attnTensor &tensor);

  std::mutex mutex;
  size_t kept = 0; ///< arguments of the launch that is kept; 0: none is
  Given given[maxArguments];
  PreparedLaunch prepared;
};

} // namespace attn::runtime

#endif // ATTN_RUNTIME_LASTLAUNCH_H
