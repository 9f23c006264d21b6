// Facts of the CPU that kernels are compiled for, and the tile sizes that suit it. What decides between two ways of
// emitting code is named here; everything else about the machine is LLVM's business through name and features.
#ifndef ATTN_TARGET_CPU_H
#define ATTN_TARGET_CPU_H

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace attn::target {

struct Cpu {
  std::string name = "x86-64"; ///< LLVM's name of the processor
  std::string features;        ///< LLVM's feature string, "+avx2,+fma,-avx512f..."
  int64_t vectorLanes = 4;     ///< f32 lanes of the widest vector worth using
  bool hasFma = false;         ///< AVX2 with FMA
  bool hasF16c = false;        ///< conversions between f16 and f32
  bool hasAvx512 = false;      ///< AVX-512 F, BW, DQ and VL
  bool hasAvx512Bf16 = false;  ///< products of bf16 pairs accumulated in f32
};

/// The processor this process runs on. Found once.
const Cpu &getHostCpu();

/// A processor by level, for tests and for code that has to run elsewhere: "avx512bf16", "avx512", "avx2", "plain" (x86-64
/// as it began), or "host".
std::optional<Cpu> getCpu(std::string_view level);

/// Rows of the query and of key and value that one step works on.
struct CpuTiles {
  int64_t queryTile;
  int64_t kvTile;
};

/// Large enough that packing keys and values costs little beside the products, small enough that scores, weights,
/// accumulator and packed operands stay in a core's second-level cache.
CpuTiles chooseCpuTiles(const Cpu &cpu, int64_t headDim, int64_t valueDim, int64_t elementBits);

} // namespace attn::target

#endif // ATTN_TARGET_CPU_H
