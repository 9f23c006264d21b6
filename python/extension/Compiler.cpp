// attn_mlir._compiler: compilation and the JIT over attn-c/Compiler.h. A module of its own, loaded at the first compilation,
// because the compiler's library is large and launching images needs none of it.
#include "Raise.h"
#include "attn-c/Compiler.h"

#include <memory>
#include <mutex>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/unique_ptr.h>

namespace nb = nanobind;

namespace attn::python {

namespace {

using Text = std::optional<std::string>;

void check(attnStatus status) {
  if (status != ATTN_OK)
    raise(status, attnCompilerLastErrorMessage());
}

/// Options of both calls; the strings must outlive the result.
attnCompileOptions makeOptions(const std::string &target, const Text &plan, const Text &table, int64_t lengthHint,
                               const Text &ptxas, const Text &name) {
  attnCompileOptions options;
  attnCompileOptionsInit(&options);
  options.target = target.c_str();
  options.plan = plan ? plan->c_str() : nullptr;
  options.planTable = table ? table->c_str() : nullptr;
  options.lengthHint = lengthHint;
  options.ptxas = ptxas ? ptxas->c_str() : nullptr;
  options.sourceName = name ? name->c_str() : nullptr;
  return options;
}

/// The bytes of what was asked for, and the warnings and remarks.
nb::tuple compile(const std::string &spec, const std::string &target, int emit, const Text &stopAfter, const Text &plan,
                  const Text &table, int64_t lengthHint, const Text &ptxas, const Text &name, bool remarks) {
  attnCompileOptions options = makeOptions(target, plan, table, lengthHint, ptxas, name);
  options.emit = emit;
  options.stopAfter = stopAfter ? stopAfter->c_str() : nullptr;
  options.remarks = remarks;
  attnCompiled handle = nullptr;
  attnStatus status;
  {
    nb::gil_scoped_release released;
    status = attnCompile(spec.data(), spec.size(), &options, &handle);
  }
  check(status);
  std::unique_ptr<attnCompiledState, void (*)(attnCompiled)> result(handle, attnCompiledDestroy);
  size_t size = 0;
  const void *bytes = attnCompiledBytes(handle, &size);
  nb::list messages;
  for (size_t i = 0; i < attnCompiledMessageCount(handle); ++i)
    messages.append(nb::str(attnCompiledMessage(handle, i)));
  return nb::make_tuple(nb::bytes(bytes, size), messages);
}

/// A JIT handle is for one thread at a time; Python's threads take turns here.
class Jit {
public:
  explicit Jit(const Text &directory) { check(attnJitCreate(directory ? directory->c_str() : nullptr, &handle)); }
  Jit(const Jit &) = delete;
  ~Jit() { attnJitDestroy(handle); }

  /// A kernel's handle as a number, for attn_mlir._runtime.adopt, and whether it came from the cache.
  nb::tuple get(const std::string &spec, const std::string &target, const Text &plan, const Text &table,
                int64_t lengthHint, const Text &ptxas) {
    attnCompileOptions options = makeOptions(target, plan, table, lengthHint, ptxas, std::nullopt);
    attnKernel kernel = nullptr;
    int32_t fromCache = 0;
    attnStatus status;
    {
      nb::gil_scoped_release released;
      std::lock_guard<std::mutex> turn(lock);
      status = attnJitGet(handle, spec.data(), spec.size(), &options, &kernel, &fromCache);
    }
    check(status);
    return nb::make_tuple(reinterpret_cast<uintptr_t>(kernel), fromCache != 0);
  }

private:
  attnJit handle = nullptr;
  std::mutex lock;
};

} // namespace

} // namespace attn::python

NB_MODULE(_compiler, module) {
  using namespace attn::python;
  nb::class_<Jit>(module, "Jit")
      .def(nb::init<const Text &>(), nb::arg("directory").none())
      .def("get", &Jit::get, nb::arg("spec"), nb::arg("target"), nb::arg("plan").none(),
           nb::arg("plan_table").none(), nb::arg("length_hint"), nb::arg("ptxas").none());
  module.def("compile", &compile, nb::arg("spec"), nb::arg("target"), nb::arg("emit"), nb::arg("stop_after").none(),
             nb::arg("plan").none(), nb::arg("plan_table").none(), nb::arg("length_hint"), nb::arg("ptxas").none(), nb::arg("name").none(), nb::arg("remarks"));
  module.def("install_cpu_loader", [] { check(attnCompilerInstallCpuLoader()); });
}
