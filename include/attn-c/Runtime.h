/* The C interface of the attn runtime: load a compiled attention kernel (an image) and launch it on tensors.
 *
 * The library needs neither LLVM nor CUDA to link; it opens the GPU driver (libcuda.so.1) at the first call that needs
 * it. It never prints, never ends the process, installs no signal handlers and does no work when it is loaded.
 *
 * Errors: every function that can fail returns an attnStatus; attnLastErrorMessage() then has a sentence. After any
 * status but ATTN_OK, nothing was launched and no output was written, except after ATTN_DRIVER_ERROR.
 * Threads: all functions may be called from any thread. A kernel may be launched from several threads at once; it must
 * not be destroyed while another call uses it.
 * Forks: CPU kernels work in a forked child. GPU kernels do not (the driver cannot); the call says so.
 * Units: sizes and strides of tensors are in elements, image sizes and alignments in bytes. */
#ifndef ATTN_C_RUNTIME_H
#define ATTN_C_RUNTIME_H

#include "attn-c/Common.h"
#include "attn-c/DLPack.h"

#ifdef __cplusplus
extern "C" {
#endif

/** A loaded kernel. */
typedef struct attnKernelState *attnKernel;

/** Where a kernel runs. */
typedef int32_t attnKernelKind;
enum {
  ATTN_KERNEL_CPU = 1,   /**< machine code for this CPU */
  ATTN_KERNEL_CUBIN = 2, /**< GPU machine code */
  ATTN_KERNEL_PTX = 3    /**< GPU code that the driver assembled at load */
};

/** What an argument of a kernel is for. Arguments come in the order query, key, value, captures, lengths,
 *  offsets, output, lse. */
typedef int32_t attnRole;
enum {
  ATTN_ROLE_QUERY = 1,  /**< [batch, query heads, query length, head_dim] */
  ATTN_ROLE_KEY = 2,    /**< [batch, kv heads, kv length, head_dim] */
  ATTN_ROLE_VALUE = 3,  /**< [batch, kv heads, kv length, head_dim of v] */
  ATTN_ROLE_OUTPUT = 4, /**< [batch, query heads, query length, head_dim of v], written */
  ATTN_ROLE_LSE = 5,    /**< [batch, query heads, query length], f32, written: natural log-sum-exp of scaled scores */
  ATTN_ROLE_CAPTURE = 6, /**< a buffer that the spec's score or mask region reads */
  ATTN_ROLE_QUERY_LENGTHS = 7, /**< [sequences], i32: queries of each sequence; the rest is padding */
  ATTN_ROLE_KV_LENGTHS = 8,    /**< [sequences], i32: keys of each sequence; the rest is padding */
  ATTN_ROLE_QUERY_OFFSETS = 9, /**< [sequences + 1], i32: where the packed sequences of queries begin, and the last ends */
  ATTN_ROLE_KV_OFFSETS = 10    /**< [sequences + 1], i32: the same of keys */
};

/**
 * A tensor in memory that the caller owns, of which element (i, j, ...) lies strides[0]*i + strides[1]*j + ...
 * elements behind data. strides may be NULL: compact, last axis fastest. data may be NULL if an extent is 0.
 * The stride of an axis of extent 0 or 1 is not looked at.
 */
typedef struct attnTensor {
  void *data; /**< host address for CPU kernels, device address for GPU kernels */
  attnElementType type;
  int32_t rank;
  const int64_t *shape;
  const int64_t *strides;
} attnTensor;

/** Facts about a kernel. Strings live as long as the kernel. */
typedef struct attnKernelInfo {
  attnKernelKind kind;
  uint32_t argumentCount;
  uint32_t headsPerGroup;    /**< query heads that share one key/value head */
  uint32_t queryTile;        /**< queries of each head of one program */
  uint32_t packedHeads;      /**< query heads of one program */
  int32_t device;            /**< ordinal of the GPU, -1 for a CPU kernel */
  uint32_t sharedBytes;      /**< dynamic shared memory of a block; 0 on the CPU */
  uint32_t blockThreads;     /**< threads of a block; 0 on the CPU */
  uint64_t scratchBytes;     /**< scratch memory of one worker thread; 0 on the GPU */
  const char *symbol;        /**< name of the entry point */
  const char *architecture;  /**< e.g. "sm_90a", or the CPU's features */
  const char *producer;      /**< the versions that made the image */
} attnKernelInfo;

/** Facts about one argument. Extents that are launch arguments read -1. */
typedef struct attnArgumentInfo {
  attnRole role;
  attnElementType type;
  int32_t rank; /**< at most 4 */
  int64_t shape[4];
} attnArgumentInfo;

/** Facts about a GPU. */
typedef struct attnGpuInfo {
  char name[128];
  int32_t major, minor;  /**< compute capability: 9 and 0 for sm_90 */
  int32_t driverVersion; /**< CUDA version that the driver supports: 1000 * major + 10 * minor */
  int32_t multiprocessors;
} attnGpuInfo;

/** The version of this interface: 1000 * major + minor. Functions are only added within one major version. */
ATTN_API uint32_t attnRuntimeVersion(void);

/** The name of a status, as in "invalid argument"; "unknown status" for other numbers. Never NULL. */
ATTN_API const char *attnStatusName(attnStatus status);

/**
 * The sentence of the last call of this thread that failed; empty if none did. Valid until this thread's next failing
 * call.
 */
ATTN_API const char *attnLastErrorMessage(void);

/**
 * Loads an image. A CPU image needs a loader (attnRuntimeSetCpuLoader), else ATTN_UNSUPPORTED. A GPU image is loaded
 * into the calling thread's current context or, if there is none, into the primary context of device 0; the image's
 * architecture must fit that device. The bytes are copied. *kernel is set to NULL on failure.
 *
 * Load before a stream capture begins: the driver refuses to load code during one.
 */
ATTN_API attnStatus attnKernelLoad(const void *image, size_t size, attnKernel *kernel);

/**
 * Makes a kernel from a CPU image whose object the caller has linked into the program or loaded himself: facts come
 * from the image, code from `function`. Needs no loader.
 */
ATTN_API attnStatus attnKernelFromFunction(const void *image, size_t size, attnCpuFunction function,
                                           attnKernel *kernel);

/**
 * Frees a kernel; NULL is ignored. No launch may be under way on the CPU. GPU code stays with its context, so launches
 * in flight and captured graphs stay valid; loading the same image again finds it there.
 */
ATTN_API void attnKernelDestroy(attnKernel kernel);

/** Facts about a kernel. */
ATTN_API attnStatus attnKernelGetInfo(attnKernel kernel, attnKernelInfo *info);

/** Facts about argument `index`, counted from 0. */
ATTN_API attnStatus attnKernelGetArgument(attnKernel kernel, uint32_t index, attnArgumentInfo *info);

/**
 * Launches a kernel on `count` tensors in the order of its arguments.
 *
 * Offsets of packed sequences must begin with 0, not fall, and end within their tensor: checked on the CPU, and by GPU kernels
 * that were loaded with ATTN_CHECK=1 in the environment, which wait for the stream and fetch them at every launch.
 *
 * Checked first: count, element types, ranks, extents below 2^30 (of captures 2^31), static extents of the image, equal
 * batch and head_dim, the ratio of query to kv heads, equal kv lengths, unit stride in the last axis (except lse), no
 * negative stride, no zero stride in an output, addresses aligned to the element. On a GPU also: q, k, v and output aligned to
 * 16 bytes with strides that are multiples of 16 bytes below 2^40, and at most 65535 batches and 65535 query heads. If
 * batch, query heads or query length is 0, there is nothing to do and the call succeeds.
 *
 * A GPU launch is queued on `stream` (a CUstream or cudaStream_t of the kernel's context, NULL for the default stream)
 * and takes no device memory; the tensors must live until it has run. A CPU launch ignores `stream` and returns when
 * the outputs are written.
 *
 * From CUDA 12.3 on a launch carries the attribute of programmatic dependent launch: its blocks may start when those of the
 * kernel before it on the stream have ended, and wait for all of that kernel's work before they touch memory. What is
 * queued behind a launch waits for it as for any other. Streams may be captured.
 *
 * Kernels with a dynamic plan draw their work from a counter that belongs to the stream. Launches that are
 * captured into a graph, and those from the 1025th stream of a process on, do without a counter, to the same results.
 */
ATTN_API attnStatus attnKernelLaunch(attnKernel kernel, void *stream, const attnTensor *tensors, size_t count);

/**
 * The same for DLPack tensors (DLTensor pointers, or &managed->dl_tensor); ownership stays with the caller. They must
 * be on the kernel's device: CPU or pinned host memory for a CPU kernel, the same CUDA device or managed memory for a
 * GPU kernel.
 */
ATTN_API attnStatus attnKernelLaunchDLPack(attnKernel kernel, void *stream, const attnDLTensor *const *tensors,
                                           size_t count);

/**
 * Sets the loader for CPU images, copied; NULL takes it away. Kernels that are loaded keep the loader they came from,
 * so its code and context must outlive them.
 */
ATTN_API attnStatus attnRuntimeSetCpuLoader(const attnCpuLoader *loader);

/**
 * Sets how many threads (the caller's included) a CPU launch uses; 0 goes back to the default: ATTN_NUM_THREADS if
 * that is a number from 1 to 1024, else the CPUs this process may run on.
 */
ATTN_API attnStatus attnRuntimeSetThreadCount(uint32_t threads);

/** The number of threads that the next CPU launch uses. */
ATTN_API uint32_t attnRuntimeGetThreadCount(void);

/** Facts about GPU `ordinal`, or why there is none: ATTN_NO_DEVICE, ATTN_DRIVER_TOO_OLD. Makes no context. */
ATTN_API attnStatus attnRuntimeGetGpu(int32_t ordinal, attnGpuInfo *info);

#ifdef __cplusplus
}
#endif

#endif /* ATTN_C_RUNTIME_H */
