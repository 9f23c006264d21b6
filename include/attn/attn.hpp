// C++ over the C interfaces: handles that free themselves, and Result instead of status and last message. Header-only
// and exception-free; what each call does, checks and promises is in attn-c/Runtime.h. Link attn_runtime.
#ifndef ATTN_ATTN_HPP
#define ATTN_ATTN_HPP

#include "attn-c/Runtime.h"
#include "attn/Support/Result.h"

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <type_traits>
#include <vector>

namespace attn {

/// The error of a C call on this thread: Status::Ok and no text for ATTN_OK.
inline Error makeError(attnStatus status) {
  return status == ATTN_OK ? Error{} : Error{static_cast<Status>(status), attnLastErrorMessage()};
}

/// A strided tensor in memory that someone else owns, with its shape held inside.
class Tensor {
public:
  /// Compact, last axis fastest. Of the shape the first 4 extents count.
  Tensor(void *data, attnElementType type, std::initializer_list<int64_t> shape)
      : data(data), type(type), compact(true) {
    rank = copy(shape, sizes);
  }

  /// Strides in elements, one an axis; missing ones read 0.
  Tensor(void *data, attnElementType type, std::initializer_list<int64_t> shape, std::initializer_list<int64_t> strides)
      : data(data), type(type), compact(false) {
    rank = copy(shape, sizes);
    copy(strides, steps);
  }

  /// For the C interface; valid as long as this object.
  attnTensor view() const { return {data, type, rank, sizes, compact ? nullptr : steps}; }

private:
  static int32_t copy(std::initializer_list<int64_t> from, int64_t (&to)[4]) {
    size_t count = std::min<size_t>(from.size(), 4);
    std::copy(from.begin(), from.begin() + count, to);
    return static_cast<int32_t>(count);
  }

  void *data;
  attnElementType type;
  int32_t rank = 0;
  bool compact;
  int64_t sizes[4] = {0, 0, 0, 0}, steps[4] = {0, 0, 0, 0};
};

/// A loaded kernel. Movable; frees itself.
class Kernel {
public:
  static Result<Kernel> load(const void *image, size_t size) {
    attnKernel handle = nullptr;
    attnStatus status = attnKernelLoad(image, size, &handle);
    return status == ATTN_OK ? Result<Kernel>(Kernel(handle)) : Result<Kernel>(makeError(status));
  }
  static Result<Kernel> load(const std::vector<uint8_t> &image) { return load(image.data(), image.size()); }

  static Result<Kernel> fromFunction(const void *image, size_t size, attnCpuFunction function) {
    attnKernel handle = nullptr;
    attnStatus status = attnKernelFromFunction(image, size, function, &handle);
    return status == ATTN_OK ? Result<Kernel>(Kernel(handle)) : Result<Kernel>(makeError(status));
  }

  /// Facts; their strings live as long as the kernel.
  attnKernelInfo info() const {
    attnKernelInfo facts{};
    attnKernelGetInfo(handle.get(), &facts);
    return facts;
  }
  std::vector<attnArgumentInfo> arguments() const {
    std::vector<attnArgumentInfo> all(info().argumentCount);
    for (uint32_t i = 0; i < all.size(); ++i)
      attnKernelGetArgument(handle.get(), i, &all[i]);
    return all;
  }

  /// Launches on tensors in the kernel's order; a GPU launch is queued on `stream`.
  Error launch(std::initializer_list<Tensor> tensors, void *stream = nullptr) const {
    constexpr size_t most = 16; // more than any kernel has
    attnTensor views[most];
    size_t count = 0;
    for (const Tensor &tensor : tensors)
      if (count < most)
        views[count++] = tensor.view();
    return launch(views, tensors.size() > most ? 0 : count, stream);
  }
  Error launch(const attnTensor *tensors, size_t count, void *stream = nullptr) const {
    return makeError(attnKernelLaunch(handle.get(), stream, tensors, count));
  }
  Error launch(const attnDLTensor *const *tensors, size_t count, void *stream = nullptr) const {
    return makeError(attnKernelLaunchDLPack(handle.get(), stream, tensors, count));
  }

  /// For calls of the C interface; still owned here.
  attnKernel get() const { return handle.get(); }

private:
  struct Destroy {
    void operator()(attnKernel kernel) const { attnKernelDestroy(kernel); }
  };

  explicit Kernel(attnKernel handle) : handle(handle) {}

  std::unique_ptr<std::remove_pointer_t<attnKernel>, Destroy> handle;
};

/// Facts about a GPU, or why there is none.
inline Result<attnGpuInfo> gpu(int32_t ordinal = 0) {
  attnGpuInfo info{};
  attnStatus status = attnRuntimeGetGpu(ordinal, &info);
  return status == ATTN_OK ? Result<attnGpuInfo>(info) : Result<attnGpuInfo>(makeError(status));
}

} // namespace attn

#endif // ATTN_ATTN_HPP
