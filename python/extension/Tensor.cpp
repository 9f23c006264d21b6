// Reads what `__dlpack__` gives: the older and the versioned capsule. The capsule stays unconsumed in our hands, so its own
// destructor returns the memory when the last launch on it is gone.
#include "Tensor.h"

#include "Raise.h"

namespace nb = nanobind;

namespace attn::python {

namespace {

/// DLPack 1's struct, whose binary layout differs from that of attnDLManagedTensor.
struct VersionedTensor {
  uint32_t major, minor;
  void *context;
  void (*deleter)(VersionedTensor *);
  uint64_t flags;
  attnDLTensor tensor;
};
constexpr uint64_t readOnly = 1;
constexpr int unsignedInteger = 1; ///< DLPack's type code

bool isBfloat16(nb::handle object) {
  nb::object name = nb::getattr(nb::getattr(object, "dtype", nb::none()), "name", nb::none());
  return nb::isinstance<nb::str>(name) && std::string(nb::str(name).c_str()) == "bfloat16";
}

/// A device's memory is shared without waiting for its streams: the launch is queued behind the caller's own work.
nb::object exportTensor(nb::handle object, const std::string &name) {
  if (!nb::hasattr(object, "__dlpack__"))
    raise(ATTN_INVALID_ARGUMENT, name + " expects an array or a tensor (anything with __dlpack__), got " +
                                     nb::type_name(object.type()).c_str());
  nb::object method = object.attr("__dlpack__");
  nb::dict named;
  nb::object device = nb::getattr(object, "__dlpack_device__", nb::none());
  if (!device.is_none() && nb::cast<int>(nb::int_(device()[0])) == ATTN_DL_CUDA)
    named["stream"] = -1;
  try {
    nb::dict versioned;
    for (auto [key, value] : named)
      versioned[key] = value;
    versioned["max_version"] = nb::make_tuple(1, 0);
    return method(**versioned);
  } catch (nb::python_error &error) {
    // Exporters from before DLPack 1 do not know the argument.
    if (!error.matches(PyExc_TypeError))
      throw;
  }
  return method(**named);
}

} // namespace

void Tensor::take(nb::object exported, const std::string &name, bool written) {
  capsule = std::move(exported);
  if (auto *managed = static_cast<VersionedTensor *>(PyCapsule_GetPointer(capsule.ptr(), "dltensor_versioned"))) {
    if (managed->major != 1)
      raise(ATTN_INVALID_ARGUMENT,
            name + " expects DLPack of version 1 or older, got version " + std::to_string(managed->major));
    if (written && managed->flags & readOnly)
      raise(ATTN_INVALID_ARGUMENT, name + " expects a tensor that may be written, got a read-only one");
    tensor = managed->tensor;
    return;
  }
  PyErr_Clear();
  auto *managed = static_cast<attnDLManagedTensor *>(PyCapsule_GetPointer(capsule.ptr(), "dltensor"));
  if (!managed) {
    PyErr_Clear();
    raise(ATTN_INVALID_ARGUMENT, name + " expects __dlpack__ to give a DLPack capsule, got something else");
  }
  tensor = managed->dl_tensor;
}

Tensor::Tensor(nb::handle object, const attnArgumentInfo &expected, const std::string &name, bool uint16AsBf16) {
  bool written = expected.role == ATTN_ROLE_OUTPUT || expected.role == ATTN_ROLE_LSE;
  bool bits = uint16AsBf16;
  nb::object source = nb::borrow(object);
  if (nb::hasattr(object, "__array_interface__") && isBfloat16(object)) {
    // NumPy has no bf16 of its own and exports none; ml_dtypes arrays go as their bits.
    source = object.attr("view")("uint16");
    bits = true;
  }
  try {
    take(exportTensor(source, name), name, written);
  } catch (nb::python_error &error) {
    bool refusal = error.matches(PyExc_BufferError) || error.matches(PyExc_RuntimeError) ||
                   error.matches(PyExc_ValueError);
    if (!refusal)
      throw;
    nb::object status = nb::getattr(error.value(), "status", nb::none());
    if (!status.is_none())
      throw;
    raise(ATTN_INVALID_ARGUMENT, name + " expects a tensor that can be shared by DLPack, got one that its library "
                                        "refuses: " + nb::str(error.value()).c_str());
  }
  if (tensor.dtype.code != unsignedInteger || tensor.dtype.bits != 16 || expected.type != ATTN_BF16)
    return;
  if (!bits)
    raise(ATTN_INVALID_ARGUMENT, name + " expects element type bf16, got uint16; pass uint16_as_bf16=True if the array "
                                        "holds the bits of bf16 numbers, or an ml_dtypes.bfloat16 array");
  tensor.dtype.code = ATTN_DL_BFLOAT;
}

} // namespace attn::python
