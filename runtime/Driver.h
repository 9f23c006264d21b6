// The GPU driver, opened when first needed: libcuda.so.1 by dlopen, its functions by their versioned names, declared
// here so that no CUDA header or library is needed to build or link. Also the translation of its error codes to
// sentences.
#ifndef ATTN_RUNTIME_DRIVER_H
#define ATTN_RUNTIME_DRIVER_H

#include "attn-c/Runtime.h"
#include "attn/Support/Result.h"

#include <cstddef>
#include <cstdint>

namespace attn::runtime {

// The driver's handles. Opaque, and pointers as in its own interface.
using Context = struct CUctx_st *;
using Module = struct CUmod_st *;
using Function = struct CUfunc_st *;
using Stream = struct CUstream_st *;
using Event = struct CUevent_st *;
using DevicePointer = unsigned long long;

/// A TMA descriptor: opaque to us, filled by the driver, read by the kernel.
struct alignas(64) TensorMap {
  uint64_t words[16];
};

/// The driver's numbers that we use.
namespace cu {
enum Error : int {
  Success = 0,
  InvalidValue = 1,
  OutOfMemory = 2,
  NotInitialized = 3,
  StubLibrary = 34,
  NewerDriver = 36,
  NoDevice = 100,
  InvalidDevice = 101,
  InvalidImage = 200,
  NoBinary = 209,
  JitCompilerNotFound = 221,
  UnsupportedPtx = 222,
  SystemNotReady = 802,
  DriverMismatch = 803,
  CompatNotSupported = 804,
};
enum DeviceAttribute : int { Multiprocessors = 16, Major = 75, Minor = 76, SharedPerBlockOptin = 97 };
enum FunctionAttribute : int { MaxThreadsPerBlock = 0, MaxDynamicShared = 8, RequiredClusterWidth = 11 };
enum JitOption : int { ErrorLog = 5, ErrorLogBytes = 6 };
enum MapType : int { Float16 = 6, Float32 = 7, Bfloat16 = 9 };
enum LaunchAttributeId : int { ClusterDimension = 4, ProgrammaticStreamSerialization = 6 };
enum MapMode : int { InterleaveNone = 0, Swizzle128 = 3, Promote256 = 3, FillZero = 0 };

/// CUlaunchAttribute, for the kinds that we use, and CUlaunchConfig.
struct alignas(8) LaunchAttribute {
  int id, pad;
  unsigned value[16];
};
static_assert(sizeof(LaunchAttribute) == 72, "an id, padded to 8 bytes, and a value of 64");
struct LaunchConfig {
  unsigned gridX, gridY, gridZ, blockX, blockY, blockZ, sharedBytes;
  Stream stream;
  LaunchAttribute *attributes;
  unsigned attributeCount;
};
} // namespace cu

// Functions every driver that we support has (name in the library, parameters). All return an error code.
#define ATTN_DRIVER_FUNCTIONS(X)                                                                                       \
  X(cuInit, cuInit, (unsigned))                                                                                        \
  X(cuDriverGetVersion, cuDriverGetVersion, (int *))                                                                   \
  X(cuGetErrorName, cuGetErrorName, (int, const char **))                                                              \
  X(cuGetErrorString, cuGetErrorString, (int, const char **))                                                          \
  X(cuDeviceGet, cuDeviceGet, (int *, int))                                                                            \
  X(cuDeviceGetCount, cuDeviceGetCount, (int *))                                                                       \
  X(cuDeviceGetName, cuDeviceGetName, (char *, int, int))                                                              \
  X(cuDeviceGetAttribute, cuDeviceGetAttribute, (int *, int, int))                                                     \
  X(cuDeviceTotalMem, cuDeviceTotalMem_v2, (size_t *, int))                                                            \
  X(cuDevicePrimaryCtxRetain, cuDevicePrimaryCtxRetain, (Context *, int))                                              \
  X(cuCtxGetCurrent, cuCtxGetCurrent, (Context *))                                                                     \
  X(cuCtxSetCurrent, cuCtxSetCurrent, (Context))                                                                       \
  X(cuCtxPushCurrent, cuCtxPushCurrent_v2, (Context))                                                                  \
  X(cuCtxPopCurrent, cuCtxPopCurrent_v2, (Context *))                                                                  \
  X(cuCtxGetDevice, cuCtxGetDevice, (int *))                                                                           \
  X(cuCtxSynchronize, cuCtxSynchronize, (void))                                                                        \
  X(cuModuleLoadDataEx, cuModuleLoadDataEx, (Module *, const void *, unsigned, int *, void **))                        \
  X(cuModuleUnload, cuModuleUnload, (Module))                                                                          \
  X(cuModuleGetFunction, cuModuleGetFunction, (Function *, Module, const char *))                                      \
  X(cuFuncGetAttribute, cuFuncGetAttribute, (int *, int, Function))                                                    \
  X(cuFuncSetAttribute, cuFuncSetAttribute, (Function, int, int))                                                      \
  X(cuOccupancyMaxActiveBlocksPerMultiprocessor, cuOccupancyMaxActiveBlocksPerMultiprocessor,                          \
    (int *, Function, int, size_t))                                                                                    \
  X(cuLaunchKernelEx, cuLaunchKernelEx, (const cu::LaunchConfig *, Function, void **, void **))                        \
  X(cuMemAlloc, cuMemAlloc_v2, (DevicePointer *, size_t))                                                              \
  X(cuMemFree, cuMemFree_v2, (DevicePointer))                                                                          \
  X(cuMemcpyHtoD, cuMemcpyHtoD_v2, (DevicePointer, const void *, size_t))                                              \
  X(cuMemcpyDtoH, cuMemcpyDtoH_v2, (void *, DevicePointer, size_t))                                                    \
  X(cuMemsetD8, cuMemsetD8_v2, (DevicePointer, unsigned char, size_t))                                                 \
  X(cuStreamSynchronize, cuStreamSynchronize, (Stream))                                                                \
  X(cuEventCreate, cuEventCreate, (Event *, unsigned))                                                                 \
  X(cuEventRecord, cuEventRecord, (Event, Stream))                                                                     \
  X(cuEventSynchronize, cuEventSynchronize, (Event))                                                                   \
  X(cuEventElapsedTime, cuEventElapsedTime, (float *, Event, Event))                                                   \
  X(cuEventDestroy, cuEventDestroy_v2, (Event))

// Functions that older drivers lack; null then. Tensor maps, context ids and stream ids came with CUDA 12.0, parameter facts with
// 12.4.
#define ATTN_DRIVER_OPTIONAL_FUNCTIONS(X)                                                                              \
  X(cuTensorMapEncodeTiled, cuTensorMapEncodeTiled,                                                                    \
    (TensorMap *, int, uint32_t, void *, const uint64_t *, const uint64_t *, const uint32_t *, const uint32_t *, int,  \
     int, int, int))                                                                                                   \
  X(cuStreamGetId, cuStreamGetId, (Stream, unsigned long long *))                                                      \
  X(cuStreamIsCapturing, cuStreamIsCapturing, (Stream, int *))                                                         \
  X(cuCtxGetId, cuCtxGetId, (Context, unsigned long long *))                                                           \
  X(cuFuncGetParamInfo, cuFuncGetParamInfo, (Function, size_t, size_t *, size_t *))

/// The function table of an initialised driver.
struct Driver {
#define X(member, symbol, parameters) int(*member) parameters = nullptr;
  ATTN_DRIVER_FUNCTIONS(X)
  ATTN_DRIVER_OPTIONAL_FUNCTIONS(X)
#undef X
  int version = 0; ///< 1000 * major + 10 * minor of the CUDA version it supports
};

/// Opens and initialises the driver at the first call. A failure is not remembered: the next call tries again.
Status openDriver(const Driver *&driver);

/// Uses another library file from the next openDriver on, for tests; null goes back to libcuda.so.1. The file that was
/// open stays loaded.
void useDriverLibrary(const char *path);

/// Fails with `what` and the driver's own words for `code`, under the status that fits the code.
Status driverFailure(const Driver &driver, const char *what, int code);

/// Fills the facts of GPU `ordinal`.
Status describeGpu(int ordinal, attnGpuInfo &info);

/// Makes a context current for a scope if it is not, and puts the former one back.
class ContextScope {
public:
  ContextScope(const Driver &driver, Context context);
  ~ContextScope();
  ContextScope(const ContextScope &) = delete;
  ContextScope &operator=(const ContextScope &) = delete;
  Status status() const { return result; }

private:
  const Driver &driver;
  bool pushed = false;
  Status result = Status::Ok;
};

} // namespace attn::runtime

#endif // ATTN_RUNTIME_DRIVER_H
