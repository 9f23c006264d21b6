// C++ over the C interfaces: handles that free themselves, and Result instead of status and last message. Header-only
// and exception-free; what each call does, checks and promises is in attn-c/Runtime.h and attn-c/Compiler.h. Link
// attn_runtime, and attn_compiler if you compile.
#ifndef ATTN_ATTN_HPP
#define ATTN_ATTN_HPP

#include "attn-c/Compiler.h"
#include "attn-c/Runtime.h"
#include "attn/Support/Result.h"

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
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

  /// Takes over a handle of the C interface.
  static Kernel adopt(attnKernel handle) { return Kernel(handle); }

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

/// The error of a C call to the compiler on this thread.
inline Error makeCompilerError(attnStatus status) {
  return status == ATTN_OK ? Error{} : Error{static_cast<Status>(status), attnCompilerLastErrorMessage()};
}

/// attnCompileOptions with strings of its own. Empty strings stand for the defaults.
struct CompileOptions {
  std::string target; ///< "cpu", "sm_90a", or "auto" (default)
  std::string plan, stopAfter, dumpDirectory, ptxas, sourceName;
  std::string planTable;
  int64_t lengthHint = 0;
  attnEmit emit = ATTN_EMIT_IMAGE;
  bool remarks = false, verifyEach = false;

  /// For the C interface; valid as long as this object stays as it is.
  attnCompileOptions view() const {
    auto text = [](const std::string &string) { return string.empty() ? nullptr : string.c_str(); };
    attnCompileOptions options;
    attnCompileOptionsInit(&options);
    options.target = text(target);
    options.plan = text(plan);
    options.emit = emit;
    options.remarks = remarks;
    options.verifyEach = verifyEach;
    options.stopAfter = text(stopAfter);
    options.dumpDirectory = text(dumpDirectory);
    options.ptxas = text(ptxas);
    options.sourceName = text(sourceName);
    options.planTable = text(planTable);
    options.lengthHint = lengthHint;
    return options;
  }
};

/// What a compilation yielded: bytes, and what was said about them.
class Compiled {
public:
  const void *data() const { return attnCompiledBytes(handle.get(), nullptr); }
  size_t size() const {
    size_t bytes = 0;
    attnCompiledBytes(handle.get(), &bytes);
    return bytes;
  }
  /// The bytes as text, for PTX, LLVM IR and MLIR.
  std::string_view text() const { return {static_cast<const char *>(data()), size()}; }
  /// Warnings, then remarks.
  std::vector<std::string> messages() const {
    std::vector<std::string> all;
    for (size_t i = 0; i < attnCompiledMessageCount(handle.get()); ++i)
      all.emplace_back(attnCompiledMessage(handle.get(), i));
    return all;
  }

private:
  friend Result<Compiled> compile(std::string_view, const CompileOptions &);
  struct Destroy {
    void operator()(attnCompiled compiled) const { attnCompiledDestroy(compiled); }
  };
  explicit Compiled(attnCompiled handle) : handle(handle) {}

  std::unique_ptr<std::remove_pointer_t<attnCompiled>, Destroy> handle;
};

/// Compiles the text of a spec.
inline Result<Compiled> compile(std::string_view spec, const CompileOptions &options = {}) {
  attnCompileOptions view = options.view();
  attnCompiled handle = nullptr;
  attnStatus status = attnCompile(spec.data() ? spec.data() : "", spec.size(), &view, &handle);
  return status == ATTN_OK ? Result<Compiled>(Compiled(handle)) : Result<Compiled>(makeCompilerError(status));
}

/// Lets Kernel::load take CPU images. A Jit does this by itself.
inline Error enableCpuImages() { return makeCompilerError(attnCompilerInstallCpuLoader()); }

/// Kernels on demand, with a disk cache.
class Jit {
public:
  /// An empty directory is the user's cache.
  static Result<Jit> open(const std::string &cacheDirectory = "") {
    attnJit handle = nullptr;
    attnStatus status = attnJitCreate(cacheDirectory.empty() ? nullptr : cacheDirectory.c_str(), &handle);
    return status == ATTN_OK ? Result<Jit>(Jit(handle)) : Result<Jit>(makeCompilerError(status));
  }

  /// A kernel, compiled or from the cache; `fromCache` may be null.
  Result<Kernel> kernel(std::string_view spec, const CompileOptions &options = {}, bool *fromCache = nullptr) const {
    attnCompileOptions view = options.view();
    attnKernel kernel = nullptr;
    int32_t found = 0;
    attnStatus status = attnJitGet(handle.get(), spec.data() ? spec.data() : "", spec.size(), &view, &kernel, &found);
    if (fromCache)
      *fromCache = found != 0;
    return status == ATTN_OK ? Result<Kernel>(Kernel::adopt(kernel)) : Result<Kernel>(makeCompilerError(status));
  }

private:
  struct Destroy {
    void operator()(attnJit jit) const { attnJitDestroy(jit); }
  };
  explicit Jit(attnJit handle) : handle(handle) {}

  std::unique_ptr<std::remove_pointer_t<attnJit>, Destroy> handle;
};

} // namespace attn

#endif // ATTN_ATTN_HPP
