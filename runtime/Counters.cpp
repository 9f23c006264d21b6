// See Counters.h.
#include "Counters.h"

#include "attn/Image/Image.h"

#include <mutex>
#include <unordered_map>

namespace attn::runtime {

int64_t counterOf(const Driver &driver, Stream stream) {
  if (!driver.cuStreamGetId || !driver.cuStreamIsCapturing)
    return -1;
  int capturing = 0;
  unsigned long long id = 0;
  if (driver.cuStreamIsCapturing(stream, &capturing) || capturing || driver.cuStreamGetId(stream, &id))
    return -1;
  // The driver gives no id twice, so what a thread knows stays true.
  static thread_local unsigned long long lastId = 0;
  static thread_local int64_t lastCounter = -1;
  if (lastCounter >= 0 && id == lastId)
    return lastCounter;
  static std::mutex mutex;
  static auto *counters = new std::unordered_map<unsigned long long, int64_t>; // never destroyed: exit order does not matter
  std::lock_guard<std::mutex> lock(mutex);
  auto known = counters->find(id);
  if (known == counters->end()) {
    if (counters->size() == image::counters)
      return -1;
    known = counters->emplace(id, static_cast<int64_t>(counters->size())).first;
  }
  lastId = id;
  return lastCounter = known->second;
}

} // namespace attn::runtime
