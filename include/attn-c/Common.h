/* What both C interfaces share: status codes, element types, and the contract by which a compiler hands CPU kernels
 * to the runtime. Plain C99, no dependencies. Numbers here never change their meaning. */
#ifndef ATTN_C_COMMON_H
#define ATTN_C_COMMON_H

#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__) || defined(__clang__)
#define ATTN_API __attribute__((visibility("default")))
#else
#define ATTN_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* Codes are plain integers in the interface, so that a number from elsewhere is a wrong argument and not undefined
 * behaviour, and so that their size does not depend on the compiler. */

/** Why a call failed; 0 is success. The same numbers as attn::Status. */
typedef int32_t attnStatus;
enum {
  ATTN_OK = 0,
  ATTN_INVALID_ARGUMENT = 1, /**< null handle, wrong shape, element type, stride or option */
  ATTN_INVALID_SPEC = 2,     /**< the spec text does not parse or verify */
  ATTN_UNSUPPORTED = 3,      /**< a legal request that the chosen target refuses by name */
  ATTN_COMPILE_FAILED = 4,   /**< a pass or the assembler failed */
  ATTN_INVALID_IMAGE = 5,    /**< the image is damaged or from another version */
  ATTN_NO_DEVICE = 6,        /**< no GPU, or one of another architecture */
  ATTN_DRIVER_TOO_OLD = 7,   /**< the GPU driver cannot load this image */
  ATTN_DRIVER_ERROR = 8,     /**< any other error of the GPU driver */
  ATTN_OUT_OF_MEMORY = 9,
  ATTN_IO_ERROR = 10 /**< a file could not be read or written */
};

/** Element type of a tensor. */
typedef int32_t attnElementType;
enum {
  ATTN_F16 = 1,  /**< IEEE binary16 */
  ATTN_BF16 = 2, /**< bfloat16: the upper half of a binary32 */
  ATTN_F32 = 3,  /**< IEEE binary32 */
  ATTN_I32 = 4   /**< 32-bit integer with sign: captured buffers, lengths and offsets alone */
};

/**
 * Entry point of a CPU kernel. It computes programs first .. last-1 of the launch that `arguments` describes.
 *
 * `arguments` holds, for each tensor in the kernel's order: base address, then its sizes, then its strides in
 * elements. Program p stands for query tile p % tiles of heads P h to P h + P - 1, h = (p / tiles) % (H / P), of batch
 * p / tiles / (H / P), where P is the image's packedHeads. `scratch` is private to the calling thread, 64-byte aligned, and as
 * large as the image asks for.
 */
typedef void (*attnCpuFunction)(const int64_t *arguments, int64_t first, int64_t last, void *scratch);

/** A CPU kernel as it lies in an image: a relocatable object file and the symbol to call. */
typedef struct attnCpuObject {
  const void *data;
  size_t size;              /**< bytes */
  const char *symbol;       /**< zero-terminated */
  const char *architecture; /**< the CPU features that the object was compiled for, zero-terminated */
} attnCpuObject;

/**
 * Turns CPU objects into callable code. The compiler library provides one; the runtime has none of its own.
 *
 * Both functions may be called from any thread, also at the same time. `load` copies what it wants to keep, returns
 * ATTN_OK with *entry and *state set, or a status with a sentence of at most messageSize - 1 bytes in `message`.
 * `unload` gets the state of a successful load, once, when no launch of that kernel is under way.
 */
typedef struct attnCpuLoader {
  void *context; /**< handed back to both functions */
  attnStatus (*load)(void *context, const attnCpuObject *object, attnCpuFunction *entry, void **state, char *message,
                     size_t messageSize);
  void (*unload)(void *context, void *state);
} attnCpuLoader;

#ifdef __cplusplus
}
#endif

#endif /* ATTN_C_COMMON_H */
