// Facts of the GPUs that kernels are compiled for.
#ifndef ATTN_TARGET_GPU_H
#define ATTN_TARGET_GPU_H

#include <algorithm>
#include <cstdint>
#include <string_view>

namespace attn::target {

/// One GPU architecture. Sizes are in bytes.
struct Gpu {
  std::string_view name;        ///< "sm_90a"
  int64_t sharedBytesPerBlock;  ///< most shared memory a block can ask for
  int64_t sharedBytesReserved;  ///< of each block that shares a multiprocessor, besides what it asks for
  int64_t registersPerBlock;    ///< 32-bit registers, which all blocks of a multiprocessor share
  int64_t warpgroupThreads;
  int64_t multiprocessors;      ///< of the full product, for estimates only

  /// Most shared memory of a block of which `residency` share a multiprocessor.
  constexpr int64_t sharedBytesOf(int64_t residency) const {
    return (sharedBytesPerBlock + sharedBytesReserved) / residency / 1024 * 1024 - sharedBytesReserved;
  }
  /// Registers with which a thread of such a block is launched: the same for all threads, and a multiple of 8.
  constexpr int64_t registersOf(int64_t residency, int64_t threads) const {
    constexpr int64_t mostOfThread = 256; // of which code can name 255
    return std::min(registersPerBlock / (residency * threads) / 8 * 8, mostOfThread);
  }
};

/// Hopper (H100, H200): CUDA programming guide, table of compute capability 9.0.
inline constexpr Gpu hopper = {"sm_90a", 227 * 1024, 1024, 65536, 128, 132};

} // namespace attn::target

#endif // ATTN_TARGET_GPU_H
