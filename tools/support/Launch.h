// Where kernels of a target run, and the memory of one launch there, so that a tool reads the same for the CPU and a GPU.
#ifndef ATTN_TOOLS_SUPPORT_LAUNCH_H
#define ATTN_TOOLS_SUPPORT_LAUNCH_H

#include "attn-c/Runtime.h"
#include "attn/Compiler/Jit.h"
#include "attn/Runtime/Device.h"
#include "attn/attn.hpp"

#include <optional>
#include <string>
#include <vector>

namespace attn::tools {

/// The machine of a target, opened: the host, or a GPU with its context current on this thread.
class Machine {
public:
  /// `target` is "cpu", "sm_90a" or "auto": the GPU if there is one of that kind, else the CPU.
  static Result<Machine> open(const std::string &target);

  /// "cpu" or "sm_90a".
  const std::string &target() const { return name; }
  /// As in "NVIDIA H200, driver for CUDA 13.0" or "AMD EPYC 9654 (znver4), 2 threads".
  std::string hardware() const;
  /// Null on the CPU.
  const runtime::Device *gpu() const { return device ? &*device : nullptr; }

private:
  std::string name;
  std::optional<runtime::Device> device;
};

/// A tensor in host memory. A copy on a GPU takes all `bytes`, so that guards around the elements go along.
struct HostTensor {
  void *memory = nullptr;
  size_t bytes = 0, offset = 0; ///< of the whole memory, and of the first element in it
  attnElementType type = 0;
  int32_t rank = 4;
  int64_t shape[4] = {0, 0, 0, 0}, strides[4] = {0, 0, 0, 0};
};

/// The tensors of one launch where the kernel sees them: the host tensors themselves, or copies on the GPU.
class LaunchMemory {
public:
  static Result<LaunchMemory> make(const Machine &machine, std::vector<HostTensor> tensors);
  LaunchMemory(LaunchMemory &&) = default;
  ~LaunchMemory();

  /// Launches and waits for the end.
  Error launch(const Kernel &kernel) const;
  /// Milliseconds of each of several launches: GPU time, or the call's time on the CPU. Stops early, but not before one
  /// launch, when `budget` milliseconds are over; 0: never.
  Result<std::vector<double>> time(const Kernel &kernel, unsigned repeats, double budget) const;
  /// Milliseconds a launch of `count` launches, one right behind the other.
  Result<double> timeStream(const Kernel &kernel, unsigned count) const;
  /// Sets every byte of tensor `index` to 0xff, NaN in every type, so that what a launch does not write shows.
  Error poison(size_t index) const;
  /// Sends the memory of tensor `index` from the host again.
  Error upload(size_t index) const;
  /// Brings the memory of tensor `index` back to the host.
  Error download(size_t index) const;

private:
  LaunchMemory() = default;

  const runtime::Device *device = nullptr;
  std::vector<HostTensor> host;
  std::vector<void *> copies; ///< on the GPU
  std::vector<attnTensor> seen;
};

/// A kernel from the JIT, and what getting it took.
struct JitKernel {
  Kernel kernel;
  double milliseconds = 0;
  bool fromCache = false;
};

/// Compiles a spec, or finds it in the cache, and loads it. An entry of the cache that does not load is made anew.
Result<JitKernel> jitKernel(compiler::Jit &jit, std::string_view spec, const compiler::CompileOptions &options);

/// Lets the runtime in this process load CPU images.
void installCpuLoader();

/// The exit code for an error: BadInput unless it is a fault of ours or of the machine.
int exitCode(const Error &error);

} // namespace attn::tools

#endif // ATTN_TOOLS_SUPPORT_LAUNCH_H
