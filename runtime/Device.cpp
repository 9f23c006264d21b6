// The tools' view of a GPU, over the driver's functions.
#include "attn/Runtime/Device.h"

#include "Driver.h"
#include "Error.h"

namespace attn::runtime {

namespace {

Error lastError(Status status) { return {status, status == Status::Ok ? "" : lastErrorMessage()}; }

Error check(const Driver &driver, const char *what, int code) {
  return code ? lastError(driverFailure(driver, what, code)) : Error{};
}

DevicePointer address(const void *pointer) { return reinterpret_cast<uintptr_t>(pointer); }

/// A pair of events around queued work.
struct EventPair {
  const Driver &driver;
  Event begin = nullptr, end = nullptr;

  explicit EventPair(const Driver &driver) : driver(driver) {}
  ~EventPair() {
    if (begin)
      driver.cuEventDestroy(begin);
    if (end)
      driver.cuEventDestroy(end);
  }
};

} // namespace

Result<Device> Device::open(int ordinal) {
  Device device;
  attnGpuInfo info{};
  if (Status status = openDriver(device.driver); status != Status::Ok)
    return lastError(status);
  if (Status status = describeGpu(ordinal, info); status != Status::Ok)
    return lastError(status);
  int handle = 0;
  Context context = nullptr;
  int code = device.driver->cuDeviceGet(&handle, ordinal);
  if (!code)
    code = device.driver->cuDevicePrimaryCtxRetain(&context, handle);
  if (!code)
    code = device.driver->cuCtxSetCurrent(context);
  if (code)
    return lastError(driverFailure(*device.driver, "opening the GPU", code));
  device.context = context;
  device.number = ordinal;
  device.version = info.driverVersion;
  device.deviceName = info.name;
  device.deviceArchitecture = "sm_" + std::to_string(info.major) + std::to_string(info.minor);
  return device;
}

Result<void *> Device::allocate(size_t bytes) const {
  if (bytes == 0)
    return static_cast<void *>(nullptr);
  ContextScope scope(*driver, static_cast<Context>(context));
  if (scope.status() != Status::Ok)
    return lastError(scope.status());
  DevicePointer memory = 0;
  if (int code = driver->cuMemAlloc(&memory, bytes))
    return lastError(driverFailure(*driver, "allocating GPU memory", code));
  return reinterpret_cast<void *>(static_cast<uintptr_t>(memory));
}

Error Device::free(void *memory) const {
  if (!memory)
    return {};
  ContextScope scope(*driver, static_cast<Context>(context));
  if (scope.status() != Status::Ok)
    return lastError(scope.status());
  return check(*driver, "freeing GPU memory", driver->cuMemFree(address(memory)));
}

Error Device::upload(void *device, const void *host, size_t bytes) const {
  if (bytes == 0)
    return {};
  ContextScope scope(*driver, static_cast<Context>(context));
  if (scope.status() != Status::Ok)
    return lastError(scope.status());
  return check(*driver, "copying to the GPU", driver->cuMemcpyHtoD(address(device), host, bytes));
}

Error Device::download(void *host, const void *device, size_t bytes) const {
  if (bytes == 0)
    return {};
  ContextScope scope(*driver, static_cast<Context>(context));
  if (scope.status() != Status::Ok)
    return lastError(scope.status());
  return check(*driver, "copying from the GPU", driver->cuMemcpyDtoH(host, address(device), bytes));
}

Error Device::fill(void *device, uint8_t value, size_t bytes) const {
  if (bytes == 0)
    return {};
  ContextScope scope(*driver, static_cast<Context>(context));
  if (scope.status() != Status::Ok)
    return lastError(scope.status());
  return check(*driver, "filling GPU memory", driver->cuMemsetD8(address(device), value, bytes));
}

Error Device::synchronize() const {
  ContextScope scope(*driver, static_cast<Context>(context));
  if (scope.status() != Status::Ok)
    return lastError(scope.status());
  return check(*driver, "waiting for the GPU", driver->cuCtxSynchronize());
}

Result<double> Device::time(Error (*work)(void *context), void *workContext) const {
  ContextScope scope(*driver, static_cast<Context>(context));
  if (scope.status() != Status::Ok)
    return lastError(scope.status());
  EventPair events(*driver);
  int code = driver->cuEventCreate(&events.begin, 0);
  if (!code)
    code = driver->cuEventCreate(&events.end, 0);
  if (!code)
    code = driver->cuEventRecord(events.begin, nullptr);
  if (code)
    return lastError(driverFailure(*driver, "timing GPU work", code));
  if (Error error = work(workContext); error.status != Status::Ok)
    return error;
  float milliseconds = 0;
  code = driver->cuEventRecord(events.end, nullptr);
  if (!code)
    code = driver->cuEventSynchronize(events.end);
  if (!code)
    code = driver->cuEventElapsedTime(&milliseconds, events.begin, events.end);
  if (code)
    return lastError(driverFailure(*driver, "timing GPU work", code));
  return static_cast<double>(milliseconds);
}

} // namespace attn::runtime
