// A GPU for our own tools and tests: memory, copies, synchronisation, timing. Programs that use the runtime's C
// interface bring their own memory and streams and need none of this.
#ifndef ATTN_RUNTIME_DEVICE_H
#define ATTN_RUNTIME_DEVICE_H

#include "attn/Support/Result.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <type_traits>

namespace attn::runtime {

struct Driver;

/// One GPU through its primary context. Calls are synchronous and work from any thread. Not thread-safe by itself.
class Device {
public:
  /// Opens GPU `ordinal` and makes its primary context current on the calling thread, where kernels are loaded next.
  static Result<Device> open(int ordinal = 0);

  int ordinal() const { return number; }
  const std::string &name() const { return deviceName; }
  /// As in "sm_90".
  const std::string &architecture() const { return deviceArchitecture; }
  /// The CUDA version that the driver supports: 1000 * major + 10 * minor.
  int driverVersion() const { return version; }

  /// Device memory, aligned to at least 256 bytes; size 0 yields null.
  Result<void *> allocate(size_t bytes) const;
  /// Frees what allocate gave; null is ignored.
  Error free(void *memory) const;
  Error upload(void *device, const void *host, size_t bytes) const;
  Error download(void *host, const void *device, size_t bytes) const;
  /// Sets every byte.
  Error fill(void *device, uint8_t value, size_t bytes) const;
  /// Waits for all work of the context; reports errors of kernels that ran.
  Error synchronize() const;

  /// Milliseconds of GPU time that the work takes which `work(context)` queues on the default stream. The work's own
  /// error ends the measurement.
  Result<double> time(Error (*work)(void *context), void *context) const;

  /// The same for anything callable that returns an Error.
  template <typename Work>
  Result<double> time(Work &&work) const {
    return time([](void *context) { return (*static_cast<std::remove_reference_t<Work> *>(context))(); }, &work);
  }

private:
  Device() = default;

  const Driver *driver = nullptr;
  void *context = nullptr;
  int number = 0, version = 0;
  std::string deviceName, deviceArchitecture;
};

} // namespace attn::runtime

#endif // ATTN_RUNTIME_DEVICE_H
