// Opening the driver and speaking about its errors.
#include "Driver.h"

#include "Error.h"
#include "Process.h"

#include <dlfcn.h>
#include <mutex>
#include <string>

namespace attn::runtime {

namespace {

/// CUDA 12.0: the first driver with tensor maps and sm_90a.
constexpr int oldestVersion = 12000;

struct Opened {
  Driver driver;
  pid_t pid = 0;
  const Opened *former = nullptr; // drivers that tests put aside
};

std::mutex mutex;
const Opened *opened = nullptr, *latest = nullptr; // never freed: kernels point into them
std::string *libraryPath = nullptr;

Status resolve(void *library, Driver &driver) {
  const char *missing = nullptr;
#define X(member, symbol, parameters)                                                                                  \
  driver.member = reinterpret_cast<int(*) parameters>(dlsym(library, #symbol));                                        \
  if (!driver.member)                                                                                                  \
    missing = #symbol;
  ATTN_DRIVER_FUNCTIONS(X)
#undef X
#define X(member, symbol, parameters) driver.member = reinterpret_cast<int(*) parameters>(dlsym(library, #symbol));
  ATTN_DRIVER_OPTIONAL_FUNCTIONS(X)
#undef X
  if (driver.cuDriverGetVersion)
    driver.cuDriverGetVersion(&driver.version);
  if (missing)
    return fail(Status::DriverTooOld,
                "GPU driver expects the function %s, got a library without it; update the NVIDIA driver", missing);
  return Status::Ok;
}

Status initialize(Driver &driver) {
  if (driver.version < oldestVersion)
    return fail(Status::DriverTooOld, "GPU driver expects to support CUDA 12.0 or later, got %d.%d; update the NVIDIA "
                "driver", driver.version / 1000, driver.version % 1000 / 10);
  int code = driver.cuInit(0);
  switch (code) {
  case cu::Success:
    return Status::Ok;
  case cu::NoDevice:
    return fail(Status::NoDevice, "GPU expects at least one visible NVIDIA device, got none; check nvidia-smi and "
                                  "CUDA_VISIBLE_DEVICES, or compile for the CPU");
  case cu::StubLibrary:
    return fail(Status::NoDevice, "GPU expects the driver's own libcuda.so.1, got the toolkit's stub; take the stubs "
                                  "folder out of LD_LIBRARY_PATH");
  case cu::NotInitialized:
    return fail(Status::DriverError, "GPU driver expects a process that was not forked after it was initialised, got "
                                     "error 3; start worker processes by spawn instead of fork");
  default:
    return driverFailure(driver, "initialising the GPU driver", code);
  }
}

} // namespace

Status openDriver(const Driver *&driver) {
  std::lock_guard<std::mutex> lock(mutex);
  if (opened) {
    if (opened->pid != currentProcess())
      return fail(Status::DriverError, "GPU driver expects the process that opened it, got a forked child; start "
                                       "worker processes by spawn instead of fork");
    driver = &opened->driver;
    return Status::Ok;
  }
  const char *path = libraryPath ? libraryPath->c_str() : "libcuda.so.1";
  void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (!library)
    return fail(Status::NoDevice, "GPU expects the NVIDIA driver's library %s, got none; install the driver or compile "
                                  "for the CPU", path);
  Opened fresh;
  fresh.pid = currentProcess();
  Status status = resolve(library, fresh.driver);
  if (status == Status::Ok)
    status = initialize(fresh.driver);
  if (status != Status::Ok)
    return status; // the library stays loaded: the host may use it, and the next try needs it again
  fresh.former = latest;
  opened = latest = new Opened(fresh);
  driver = &opened->driver;
  return Status::Ok;
}

void useDriverLibrary(const char *path) {
  std::lock_guard<std::mutex> lock(mutex);
  opened = nullptr;
  delete libraryPath;
  libraryPath = path ? new std::string(path) : nullptr;
}

Status driverFailure(const Driver &driver, const char *what, int code) {
  const char *name = nullptr, *text = nullptr;
  driver.cuGetErrorName(code, &name);
  driver.cuGetErrorString(code, &text);
  Status status = Status::DriverError;
  if (code == cu::OutOfMemory)
    status = Status::OutOfMemory;
  else if (code == cu::NoDevice || code == cu::InvalidDevice || code == cu::NoBinary || code == cu::SystemNotReady)
    status = Status::NoDevice;
  else if (code == cu::NewerDriver || code == cu::UnsupportedPtx || code == cu::CompatNotSupported ||
           code == cu::DriverMismatch)
    status = Status::DriverTooOld;
  return fail(status, "%s expects the driver (CUDA %d.%d) to accept it, got %s (%d): %s", what, driver.version / 1000,
              driver.version % 1000 / 10, name ? name : "an unknown error", code, text ? text : "no description");
}

Status describeGpu(int ordinal, attnGpuInfo &info) {
  const Driver *driver = nullptr;
  if (Status status = openDriver(driver); status != Status::Ok)
    return status;
  int count = 0, device = 0;
  if (int code = driver->cuDeviceGetCount(&count))
    return driverFailure(*driver, "counting GPUs", code);
  if (ordinal < 0 || ordinal >= count)
    return fail(Status::NoDevice, "GPU expects an ordinal from 0 to %d, got %d", count - 1, ordinal);
  int code = driver->cuDeviceGet(&device, ordinal);
  if (!code)
    code = driver->cuDeviceGetName(info.name, sizeof info.name, device);
  if (!code)
    code = driver->cuDeviceGetAttribute(&info.major, cu::Major, device);
  if (!code)
    code = driver->cuDeviceGetAttribute(&info.minor, cu::Minor, device);
  if (!code)
    code = driver->cuDeviceGetAttribute(&info.multiprocessors, cu::Multiprocessors, device);
  info.driverVersion = driver->version;
  return code ? driverFailure(*driver, "describing a GPU", code) : Status::Ok;
}

ContextScope::ContextScope(const Driver &driver, Context context) : driver(driver) {
  Context current = nullptr;
  int code = driver.cuCtxGetCurrent(&current);
  if (!code && current != context) {
    code = driver.cuCtxPushCurrent(context);
    pushed = code == cu::Success;
  }
  if (code)
    result = driverFailure(driver, "entering the kernel's context", code);
}

ContextScope::~ContextScope() {
  Context popped = nullptr;
  if (pushed)
    driver.cuCtxPopCurrent(&popped);
}

} // namespace attn::runtime
