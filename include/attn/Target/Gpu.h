// Facts of the GPUs that kernels are compiled for.
#ifndef ATTN_TARGET_GPU_H
#define ATTN_TARGET_GPU_H

#include <cstdint>
#include <string_view>

namespace attn::target {

/// One GPU architecture. Sizes are in bytes.
struct Gpu {
  std::string_view name;        ///< "sm_90a"
  int64_t sharedBytesPerBlock;  ///< most shared memory a block can ask for
  int64_t registersPerBlock;    ///< 32-bit registers
  int64_t warpgroupThreads;
  int64_t multiprocessors;      ///< of the full product, for estimates only
};

/// Hopper (H100, H200): CUDA programming guide, table of compute capability 9.0.
inline constexpr Gpu hopper = {"sm_90a", 227 * 1024, 65536, 128, 132};

} // namespace attn::target

#endif // ATTN_TARGET_GPU_H
