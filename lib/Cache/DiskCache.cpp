// The cache as its users see it: disk first, memory for what the disk refused, and counts.
#include "attn/Cache/DiskCache.h"

#include "Files.h"
#include "Root.h"

#include <cerrno>
#include <cstring>
#include <deque>
#include <map>
#include <mutex>

namespace attn::cache {

/// Entries in memory, bounded, oldest out first.
class MemoryStore {
public:
  explicit MemoryStore(uint64_t maxBytes) : maxBytes(maxBytes) {}

  const std::vector<uint8_t> *find(const Key &key) const {
    auto found = entries.find(key);
    return found == entries.end() ? nullptr : &found->second;
  }

  void store(const Key &key, const uint8_t *data, size_t size) {
    remove(key);
    if (size > maxBytes)
      return;
    while (bytes + size > maxBytes)
      remove(Key(order.front()));
    entries.emplace(key, std::vector<uint8_t>(data, data + size));
    order.push_back(key);
    bytes += size;
  }

  void remove(const Key &key) {
    auto found = entries.find(key);
    if (found == entries.end())
      return;
    bytes -= found->second.size();
    entries.erase(found);
    for (auto at = order.begin(); at != order.end(); ++at)
      if (*at == key) {
        order.erase(at);
        return;
      }
  }

private:
  uint64_t maxBytes, bytes = 0;
  std::map<Key, std::vector<uint8_t>> entries;
  std::deque<Key> order;
};

class DiskCache::State {
public:
  explicit State(const Options &options)
      : options(options), ops(options.ops ? *options.ops : FileOps::system()), directory(options.directory),
        memory(options.maxMemoryBytes) {
    if (directory.empty())
      directory = defaultDirectory(problem);
    if (!directory.empty())
      root = openRoot(ops, directory, problem);
    if (root < 0)
      directory.clear();
  }

  ~State() {
    if (root >= 0)
      ops.close(root);
  }

  std::optional<std::vector<uint8_t>> find(const Key &key) {
    std::vector<uint8_t> bytes;
    ReadResult result = root >= 0 ? readEntry(ops, root, key, bytes) : ReadResult::Absent;
    std::lock_guard<std::mutex> lock(mutex);
    stats.damaged += result == ReadResult::Damaged;
    if (result == ReadResult::Found) {
      ++stats.hits;
      return bytes;
    }
    if (const std::vector<uint8_t> *kept = memory.find(key)) {
      ++stats.hits;
      return *kept;
    }
    ++stats.misses;
    return std::nullopt;
  }

  void store(const Key &key, const uint8_t *bytes, size_t size) {
    if (size > maxEntryBytes)
      return;
    int error = mayWrite() ? writeEntry(ops, root, key, bytes, size) : -1;
    if (error != 0) {
      std::lock_guard<std::mutex> lock(mutex);
      memory.store(key, bytes, size);
      if (error > 0)
        noteFailure(error);
      return;
    }
    uint64_t removed = prune(ops, root, options);
    std::lock_guard<std::mutex> lock(mutex);
    memory.remove(key);
    problem.clear();
    ++stats.stores;
    stats.pruned += removed;
  }

  void remove(const Key &key) {
    if (root >= 0)
      removeEntry(ops, root, key);
    std::lock_guard<std::mutex> lock(mutex);
    memory.remove(key);
  }

  const Options options;
  FileOps &ops;
  std::string directory;
  int root = -1;
  mutable std::mutex mutex; // guards what follows
  MemoryStore memory;
  std::string problem;
  Stats stats;
  bool backingOff = false;
  int64_t backOffBegan = 0;

  bool mayWrite() {
    std::lock_guard<std::mutex> lock(mutex);
    if (root < 0)
      return false;
    int64_t since = ops.now() - backOffBegan;
    // A clock that was set back ends the wait.
    if (backingOff && since >= 0 && since < options.backOffSeconds)
      return false;
    backingOff = false;
    return true;
  }

private:
  /// Running out of descriptors passes at once; anything else is likely to happen again.
  void noteFailure(int error) {
    ++stats.storeFailures;
    problem = "kernel cache expects to write to " + directory + ", got: " + std::strerror(error) +
              "; kernels are kept in memory meanwhile";
    if (error == EMFILE || error == ENFILE || error == EINTR)
      return;
    backingOff = true;
    backOffBegan = ops.now();
  }
};

DiskCache DiskCache::open(const Options &options) { return DiskCache(std::make_unique<State>(options)); }

DiskCache::DiskCache(std::unique_ptr<State> state) : state(std::move(state)) {}
DiskCache::DiskCache(DiskCache &&) noexcept = default;
DiskCache &DiskCache::operator=(DiskCache &&) noexcept = default;
DiskCache::~DiskCache() = default;

std::optional<std::vector<uint8_t>> DiskCache::find(const Key &key) { return state->find(key); }

void DiskCache::store(const Key &key, const uint8_t *bytes, size_t size) { state->store(key, bytes, size); }

void DiskCache::remove(const Key &key) { state->remove(key); }

Stats DiskCache::stats() const {
  std::lock_guard<std::mutex> lock(state->mutex);
  return state->stats;
}

bool DiskCache::onDisk() const {
  std::lock_guard<std::mutex> lock(state->mutex);
  return state->root >= 0 && !state->backingOff;
}

const std::string &DiskCache::directory() const { return state->directory; }

std::string DiskCache::problem() const {
  std::lock_guard<std::mutex> lock(state->mutex);
  return state->problem;
}

} // namespace attn::cache
