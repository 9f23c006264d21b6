// attn_mlir._runtime: kernels and launches over attn-c/Runtime.h. Needs no compiler and no GPU to import.
#include "Raise.h"
#include "Tensor.h"

#include <nanobind/stl/string.h>
#include <nanobind/stl/unique_ptr.h>
#include <vector>

namespace nb = nanobind;

namespace attn::python {

namespace {

void check(attnStatus status) {
  if (status != ATTN_OK)
    raise(status, attnLastErrorMessage());
}

const char *roleName(attnRole role) {
  static const char *const names[] = {"?",   "query",   "key",           "value",     "output",
                                      "lse", "capture", "query_lengths", "kv_lengths", "query_offsets", "kv_offsets"};
  return role >= 1 && role <= 10 ? names[role] : names[0];
}

const char *typeName(attnElementType type) {
  static const char *const names[] = {"?", "f16", "bf16", "f32", "i32"};
  return type >= 1 && type <= 4 ? names[type] : names[0];
}

class Kernel {
public:
  explicit Kernel(attnKernel handle) : handle(handle) {
    check(attnKernelGetInfo(handle, &info));
    arguments.resize(info.argumentCount);
    for (uint32_t i = 0; i < info.argumentCount; ++i)
      check(attnKernelGetArgument(handle, i, &arguments[i]));
  }
  Kernel(const Kernel &) = delete;
  ~Kernel() { attnKernelDestroy(handle); }

  attnKernel handle;
  attnKernelInfo info{};
  std::vector<attnArgumentInfo> arguments;
};

/// Takes over a handle that must not leak when its facts cannot be read.
std::unique_ptr<Kernel> adopt(attnKernel handle) {
  try {
    return std::make_unique<Kernel>(handle);
  } catch (...) {
    attnKernelDestroy(handle);
    throw;
  }
}

/// Tensors of one launch, ready for the C call. Holds all that the call needs.
class Launch {
public:
  Launch(nb::object owner, nb::args objects, uintptr_t stream, bool uint16AsBf16)
      : owner(std::move(owner)), stream(stream) {
    kernel = nb::cast<Kernel *>(this->owner);
    const auto &expected = kernel->arguments;
    if (objects.size() != expected.size())
      raise(ATTN_INVALID_ARGUMENT, "launch expects " + std::to_string(expected.size()) + " tensors (" + order() +
                                       "), got " + std::to_string(objects.size()));
    tensors.reserve(expected.size());
    for (size_t i = 0; i < expected.size(); ++i) {
      tensors.emplace_back(objects[i], expected[i], roleName(expected[i].role), uint16AsBf16);
      pointers.push_back(tensors.back().dlpack());
    }
  }

  void run() const {
    attnStatus status;
    {
      nb::gil_scoped_release released;
      status = attnKernelLaunchDLPack(kernel->handle, reinterpret_cast<void *>(stream), pointers.data(),
                                      pointers.size());
    }
    check(status);
  }

private:
  std::string order() const {
    std::string text;
    for (const attnArgumentInfo &argument : kernel->arguments)
      text += (text.empty() ? "" : ", ") + std::string(roleName(argument.role));
    return text;
  }

  nb::object owner;
  Kernel *kernel;
  uintptr_t stream;
  std::vector<Tensor> tensors; ///< never grows after the pointers are taken
  std::vector<const attnDLTensor *> pointers;
};

std::unique_ptr<Kernel> load(nb::bytes image) {
  attnKernel handle = nullptr;
  attnStatus status;
  {
    nb::gil_scoped_release released;
    status = attnKernelLoad(image.c_str(), image.size(), &handle);
  }
  check(status);
  return adopt(handle);
}

nb::list describeArguments(const Kernel &kernel) {
  nb::list all;
  for (const attnArgumentInfo &argument : kernel.arguments) {
    nb::list shape;
    for (int axis = 0; axis < argument.rank; ++axis)
      shape.append(argument.shape[axis] < 0 ? nb::object(nb::none()) : nb::object(nb::int_(argument.shape[axis])));
    all.append(nb::make_tuple(roleName(argument.role), typeName(argument.type), nb::tuple(shape)));
  }
  return all;
}

nb::object describeGpu(int ordinal) {
  attnGpuInfo info;
  attnStatus status = attnRuntimeGetGpu(ordinal, &info);
  if (status == ATTN_NO_DEVICE || status == ATTN_DRIVER_TOO_OLD)
    return nb::none();
  check(status);
  return nb::make_tuple(info.name, info.major, info.minor, info.driverVersion, info.multiprocessors);
}

} // namespace

} // namespace attn::python

NB_MODULE(_runtime, module) {
  using namespace attn::python;
  nb::class_<Kernel>(module, "Kernel")
      .def_prop_ro("kind", [](const Kernel &k) { return k.info.kind == ATTN_KERNEL_CPU     ? "cpu"
                                                        : k.info.kind == ATTN_KERNEL_CUBIN ? "cubin"
                                                                                           : "ptx"; })
      .def_prop_ro("device", [](const Kernel &k) { return k.info.device; })
      .def_prop_ro("symbol", [](const Kernel &k) { return k.info.symbol; })
      .def_prop_ro("architecture", [](const Kernel &k) { return k.info.architecture; })
      .def_prop_ro("producer", [](const Kernel &k) { return k.info.producer; })
      .def_prop_ro("arguments", &describeArguments);
  nb::class_<Launch>(module, "Launch").def("__call__", &Launch::run);
  module.def("load", &load);
  // A handle from the compiler's library, as a number; it changes hands.
  module.def("adopt", [](uintptr_t handle) { return adopt(reinterpret_cast<attnKernel>(handle)); });
  module.def("prepare", [](nb::object kernel, uintptr_t stream, bool uint16AsBf16, nb::args objects) {
    return std::make_unique<Launch>(std::move(kernel), objects, stream, uint16AsBf16);
  });
  module.def("gpu", &describeGpu);
  module.def("set_thread_count", [](uint32_t threads) { check(attnRuntimeSetThreadCount(threads)); });
  module.def("thread_count", &attnRuntimeGetThreadCount);
}
