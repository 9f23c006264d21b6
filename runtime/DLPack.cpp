// DLPack tensors as plain ones. Only what DLPack adds is checked here: device, type code, byte offset.
#include "Error.h"
#include "Kernel.h"

#include <iterator>
#include <string>

namespace attn::runtime {

namespace {

/// The element type, or 0 for one that no kernel takes.
int elementType(attnDLDataType type) {
  if (type.lanes != 1)
    return 0;
  if (type.code == ATTN_DL_FLOAT)
    return type.bits == 16 ? ATTN_F16 : type.bits == 32 ? ATTN_F32 : 0;
  if (type.code == ATTN_DL_INT)
    return type.bits == 32 ? ATTN_I32 : 0;
  return type.code == ATTN_DL_BFLOAT && type.bits == 16 ? ATTN_BF16 : 0;
}

/// A type that no kernel takes, by the name that NumPy and PyTorch give it.
std::string describe(attnDLDataType type) {
  static const char *const names[] = {"int", "uint", "float", "handle", "bfloat", "complex", "bool"};
  bool known = type.code < std::size(names);
  std::string text = known ? names[type.code] : "DLPack code " + std::to_string(type.code) + ", bits ";
  text += std::to_string(type.bits);
  return type.lanes == 1 ? text : text + " with " + std::to_string(type.lanes) + " lanes";
}

Status checkDevice(const Kernel &kernel, const char *name, attnDLDevice device) {
  if (kernel.device() < 0) {
    if (device.device_type == ATTN_DL_CPU || device.device_type == ATTN_DL_CUDA_HOST)
      return Status::Ok;
    return fail(Status::InvalidArgument,
                "%s expects a tensor on the CPU, got DLPack device type %d; copy it to the CPU or load a GPU image",
                name, device.device_type);
  }
  if (device.device_type == ATTN_DL_CUDA_MANAGED)
    return Status::Ok;
  if (device.device_type != ATTN_DL_CUDA)
    return fail(Status::InvalidArgument, "%s expects a tensor on CUDA device %d, got DLPack device type %d; copy it to "
                "the GPU or load a CPU image", name, kernel.device(), device.device_type);
  if (device.device_id != kernel.device())
    return fail(Status::InvalidArgument,
                "%s expects a tensor on CUDA device %d, where the kernel was loaded, got device %d; load the image "
                "with that device's context current",
                name, kernel.device(), device.device_id);
  return Status::Ok;
}

} // namespace

Status fromDLPack(const Kernel &kernel, const attnDLTensor *const *tensors, size_t count, attnTensor *out) {
  if (!tensors)
    return fail(Status::InvalidArgument, "launch expects an array of tensors, got a null pointer");
  const auto &arguments = kernel.facts.arguments;
  if (count != arguments.size())
    return fail(Status::InvalidArgument,
                "launch expects %zu tensors (query, key, value, ... in the kernel's order), got %zu", arguments.size(),
                count);
  for (size_t i = 0; i < count; ++i) {
    const char *name = roleName(arguments[i].role);
    const attnDLTensor *tensor = tensors[i];
    if (!tensor)
      return fail(Status::InvalidArgument, "%s expects a tensor, got a null pointer", name);
    if (Status status = checkDevice(kernel, name, tensor->device); status != Status::Ok)
      return status;
    int type = elementType(tensor->dtype);
    if (type == 0)
      return fail(Status::InvalidArgument, "%s expects element type %s, got %s", name,
                  typeName(static_cast<int>(arguments[i].type)), describe(tensor->dtype).c_str());
    // Integer arithmetic: the address of an empty tensor may be null, where pointer arithmetic is undefined.
    auto address = reinterpret_cast<uintptr_t>(tensor->data);
    if (address)
      address += tensor->byte_offset;
    out[i] = {reinterpret_cast<void *>(address), static_cast<attnElementType>(type), tensor->ndim, tensor->shape,
              tensor->strides};
  }
  return Status::Ok;
}

} // namespace attn::runtime
