// Detection of the host processor, and the levels that are asked for by name.
#include "attn/Target/Cpu.h"

#include "llvm/ADT/StringMap.h"
#include "llvm/TargetParser/Host.h"

#include <map>

namespace attn::target {

/// Fills in the facts that follow from a set of features.
static void deriveFacts(Cpu &cpu, const std::map<std::string, bool> &features) {
  auto has = [&](const char *feature) {
    auto found = features.find(feature);
    return found != features.end() && found->second;
  };
  cpu.hasFma = has("avx2") && has("fma");
  cpu.hasF16c = cpu.hasFma && has("f16c");
  cpu.hasAvx512 = cpu.hasF16c && has("avx512f") && has("avx512bw") && has("avx512dq") && has("avx512vl");
  cpu.hasAvx512Bf16 = cpu.hasAvx512 && has("avx512bf16");
  cpu.vectorLanes = cpu.hasAvx512 ? 16 : cpu.hasFma ? 8 : 4;
  // Sorted, so the string is the same in every process: it is part of cache keys.
  for (const auto &[feature, on] : features)
    cpu.features += (cpu.features.empty() ? "" : ",") + std::string(on ? "+" : "-") + feature;
  // LLVM keeps to 256-bit vectors on some processors unless told that wide ones are welcome.
  if (cpu.hasAvx512)
    cpu.features += ",-prefer-256-bit";
}

static Cpu detectHost() {
  Cpu cpu;
  cpu.name = llvm::sys::getHostCPUName().str();
  std::map<std::string, bool> features;
  for (const auto &entry : llvm::sys::getHostCPUFeatures())
    features[entry.getKey().str()] = entry.getValue();
  deriveFacts(cpu, features);
  return cpu;
}

const Cpu &getHostCpu() {
  static const Cpu host = detectHost();
  return host;
}

std::optional<Cpu> getCpu(std::string_view level) {
  if (level == "host")
    return getHostCpu();
  std::map<std::string, bool> features = {{"sse2", true}};
  if (level == "plain") {
    Cpu cpu;
    deriveFacts(cpu, features);
    return cpu;
  }
  for (const char *feature : {"avx", "avx2", "fma", "f16c"})
    features[feature] = true;
  if (level == "avx512" || level == "avx512bf16")
    for (const char *feature : {"avx512f", "avx512bw", "avx512dq", "avx512vl"})
      features[feature] = true;
  else if (level != "avx2")
    return std::nullopt;
  if (level == "avx512bf16")
    features["avx512bf16"] = true;
  Cpu cpu;
  cpu.name = "x86-64-v3";
  deriveFacts(cpu, features);
  return cpu;
}

} // namespace attn::target
