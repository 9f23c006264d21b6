// GPU code that this process has loaded. Code stays with its context: unloading while a launch is in flight, or while
// a captured graph holds the kernel, would pull it away. Loading the same code again finds it here instead.
#ifndef ATTN_RUNTIME_MODULES_H
#define ATTN_RUNTIME_MODULES_H

#include "Driver.h"
#include "attn/Image/Image.h"

namespace attn::runtime {

/// The kernel function of an image in a context, which must be current.
Status loadFunction(const Driver &driver, Context context, const image::Image &image, Function &function);

} // namespace attn::runtime

#endif // ATTN_RUNTIME_MODULES_H
