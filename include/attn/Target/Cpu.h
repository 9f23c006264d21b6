// Facts of the CPU that kernels are compiled for. What decides between two ways of emitting code is named here;
// everything else about the machine is LLVM's business through name and features.
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

} // namespace attn::target

#endif // ATTN_TARGET_CPU_H
