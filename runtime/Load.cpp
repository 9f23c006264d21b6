// The way from image bytes to a kernel: reads the image and picks the target by its kind.
#include "Error.h"
#include "Kernel.h"

namespace attn::runtime {

Status loadKernel(const void *bytes, size_t size, KernelPointer &kernel) {
  if (!bytes)
    return fail(Status::InvalidArgument, "load expects the bytes of an image, got a null pointer");
  auto image = image::parse(static_cast<const uint8_t *>(bytes), size);
  if (!image)
    return fail(image.error());
  if (image->kind == image::Kind::CpuObject)
    return loadCpuKernel(std::move(*image), kernel);
  return loadGpuKernel(std::move(*image), kernel);
}

} // namespace attn::runtime
