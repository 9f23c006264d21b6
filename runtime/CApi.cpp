// The C interface: null checks, translation to the C++ runtime, and the promise that no exception leaves.
#include "attn-c/Runtime.h"

#include "Driver.h"
#include "Error.h"
#include "Kernel.h"
#include "ThreadPool.h"

#include <cstring>
#include <new>

using namespace attn;
using namespace attn::runtime;

struct attnKernelState {
  KernelPointer kernel;
};

/// Runs a body that returns a Status; an exception (only the standard library throws) becomes one.
template <typename Body>
static attnStatus guarded(Body body) {
  try {
    return static_cast<attnStatus>(body());
  } catch (const std::bad_alloc &) {
    return static_cast<attnStatus>(fail(Status::OutOfMemory, "the call expects more memory, got none"));
  } catch (...) {
    return static_cast<attnStatus>(
        fail(Status::DriverError, "the call expects the operating system's help (a thread or a lock), got none"));
  }
}

static Status nullPointer(const char *what) {
  return fail(Status::InvalidArgument, "the call expects %s, got a null pointer", what);
}

extern "C" {

uint32_t attnRuntimeVersion(void) { return 1000; }

const char *attnStatusName(attnStatus status) { return statusName(status); }

const char *attnLastErrorMessage(void) { return lastErrorMessage(); }

attnStatus attnKernelLoad(const void *image, size_t size, attnKernel *kernel) {
  return guarded([&] {
    if (!kernel)
      return nullPointer("a place for the kernel");
    *kernel = nullptr;
    auto state = std::make_unique<attnKernelState>();
    if (Status status = loadKernel(image, size, state->kernel); status != Status::Ok)
      return status;
    *kernel = state.release();
    return Status::Ok;
  });
}

attnStatus attnKernelFromFunction(const void *image, size_t size, attnCpuFunction function, attnKernel *kernel) {
  return guarded([&] {
    if (!kernel)
      return nullPointer("a place for the kernel");
    *kernel = nullptr;
    auto state = std::make_unique<attnKernelState>();
    if (Status status = makeCpuKernel(image, size, function, state->kernel); status != Status::Ok)
      return status;
    *kernel = state.release();
    return Status::Ok;
  });
}

void attnKernelDestroy(attnKernel kernel) { delete kernel; }

attnStatus attnKernelGetInfo(attnKernel kernel, attnKernelInfo *info) {
  if (!kernel || !info)
    return static_cast<attnStatus>(nullPointer(kernel ? "a place for the facts" : "a kernel"));
  const image::LaunchFacts &facts = kernel->kernel->facts;
  *info = {static_cast<attnKernelKind>(kernel->kernel->kind),
           static_cast<uint32_t>(facts.arguments.size()),
           facts.headsPerGroup,
           facts.queryTile,
           facts.packedHeads,
           kernel->kernel->device(),
           facts.sharedBytes,
           facts.blockThreads,
           facts.scratchBytes,
           facts.symbol.c_str(),
           facts.architecture.c_str(),
           facts.producer.c_str()};
  return ATTN_OK;
}

attnStatus attnKernelGetArgument(attnKernel kernel, uint32_t index, attnArgumentInfo *info) {
  if (!kernel || !info)
    return static_cast<attnStatus>(nullPointer(kernel ? "a place for the facts" : "a kernel"));
  const auto &arguments = kernel->kernel->facts.arguments;
  if (index >= arguments.size())
    return static_cast<attnStatus>(
        fail(Status::InvalidArgument, "argument expects an index below %zu, got %u", arguments.size(), index));
  const image::Argument &argument = arguments[index];
  *info = {static_cast<attnRole>(argument.role), static_cast<attnElementType>(argument.type),
           static_cast<int32_t>(argument.rank), {}};
  for (unsigned axis = 0; axis < argument.rank; ++axis)
    info->shape[axis] = argument.shape[axis];
  return ATTN_OK;
}

attnStatus attnKernelLaunch(attnKernel kernel, void *stream, const attnTensor *tensors, size_t count) {
  return guarded([&] {
    if (!kernel)
      return nullPointer("a kernel");
    return kernel->kernel->launch(stream, tensors, count);
  });
}

attnStatus attnKernelLaunchDLPack(attnKernel kernel, void *stream, const attnDLTensor *const *tensors, size_t count) {
  return guarded([&] {
    if (!kernel)
      return nullPointer("a kernel");
    attnTensor plain[maxArguments];
    if (Status status = fromDLPack(*kernel->kernel, tensors, count, plain); status != Status::Ok)
      return status;
    return kernel->kernel->launch(stream, plain, count);
  });
}

attnStatus attnRuntimeSetCpuLoader(const attnCpuLoader *loader) {
  return guarded([&] { return setCpuLoader(loader); });
}

attnStatus attnRuntimeSetThreadCount(uint32_t threads) {
  if (threads > 1024)
    return static_cast<attnStatus>(
        fail(Status::InvalidArgument, "thread count expects 0 (the default) to 1024, got %u", threads));
  setThreadCount(threads);
  return ATTN_OK;
}

uint32_t attnRuntimeGetThreadCount(void) { return threadCount(); }

attnStatus attnRuntimeGetGpu(int32_t ordinal, attnGpuInfo *info) {
  return guarded([&] {
    if (!info)
      return nullPointer("a place for the facts");
    std::memset(info, 0, sizeof *info);
    return describeGpu(ordinal, *info);
  });
}

} // extern "C"
