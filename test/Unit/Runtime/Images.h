/* Images for the runtime's tests, which are in C and C++. */
#ifndef ATTN_TEST_UNIT_RUNTIME_IMAGES_H
#define ATTN_TEST_UNIT_RUNTIME_IMAGES_H

#include <stddef.h>

#ifdef __cplusplus
#include "attn/Image/Image.h"

namespace attn::runtime::test {

/// A GPU kernel "attention" for sm_90a: bf16, head_dim 128 (q, k) and 64 (v), 32 query heads to 8, all else dynamic,
/// tensor maps for q, k, v, with lse.
image::Image gpuImage(image::Kind kind = image::Kind::Cubin);

/// A CPU kernel "kernel": f32, head_dim 16 (q, k) and 24 (v), 2 query heads a group, query tile 4, 100 bytes of
/// scratch, with lse.
image::Image cpuImage();

} // namespace attn::runtime::test

extern "C" {
#endif

/* The bytes of cpuImage() and gpuImage(); the second with bf16 is a cubin for sm_90a. Static storage. */
const void *testCpuImage(size_t *size);
const void *testGpuImage(size_t *size);

/* The CPU image with a key type that is not the query's, in a well-formed file. */
const void *testInconsistentImage(size_t *size);

#ifdef __cplusplus
}
#endif

#endif /* ATTN_TEST_UNIT_RUNTIME_IMAGES_H */
