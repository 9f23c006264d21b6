// A loaded kernel of either target behind one interface, and the ways to make one.
#ifndef ATTN_RUNTIME_KERNEL_H
#define ATTN_RUNTIME_KERNEL_H

#include "Arguments.h"
#include "attn-c/Runtime.h"
#include "attn/Image/Image.h"

#include <memory>

namespace attn::runtime {

class Kernel {
public:
  Kernel(image::Kind kind, image::LaunchFacts facts) : kind(kind), facts(std::move(facts)) {}
  virtual ~Kernel() = default;

  /// Checks and launches; the caller's stream is ignored by CPU kernels.
  virtual Status launch(void *stream, const attnTensor *tensors, size_t count) = 0;

  /// Ordinal of the GPU, -1 on the CPU.
  virtual int device() const { return -1; }

  const image::Kind kind;
  const image::LaunchFacts facts;
};

using KernelPointer = std::unique_ptr<Kernel>;

/// Each maker returns Ok and sets `kernel`, or fails with a sentence.
Status loadKernel(const void *bytes, size_t size, KernelPointer &kernel);
Status makeCpuKernel(const void *bytes, size_t size, attnCpuFunction function, KernelPointer &kernel);
Status loadCpuKernel(image::Image image, KernelPointer &kernel);
Status loadGpuKernel(image::Image image, KernelPointer &kernel);

/// Sets the loader for CPU images; null takes it away.
Status setCpuLoader(const attnCpuLoader *loader);

/// Turns DLPack tensors into plain ones after checking their device. `shapes` backs compact strides of none.
Status fromDLPack(const Kernel &kernel, const attnDLTensor *const *tensors, size_t count, attnTensor *out);

} // namespace attn::runtime

#endif // ATTN_RUNTIME_KERNEL_H
