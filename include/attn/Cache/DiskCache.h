// A cache of compiled kernels in files, safe to share between threads and processes. It is never wrong and never
// fatal: an entry is served only if it is whole and its key is the asked one; damage of any kind is a miss; a
// directory or disk that cannot be used turns the cache into one in memory. It neither prints nor throws anything but
// std::bad_alloc.
//
// Trust: whoever can write the directory can run code as you. So it must belong to the user and be writable by no one
// else, or it is not used. Checksums find damage, not forgery.
#ifndef ATTN_CACHE_DISKCACHE_H
#define ATTN_CACHE_DISKCACHE_H

#include "attn/Cache/FileOps.h"

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace attn::cache {

/// A cryptographic hash of everything that the entry depends on, made by the caller.
using Key = std::array<uint8_t, 32>;

/// How a cache is set up. The defaults are meant for users.
struct Options {
  /// Empty: $ATTN_CACHE_DIR, else $XDG_CACHE_HOME/attn, else $HOME/.cache/attn; relative paths in the latter two are
  /// ignored. Made with mode 0700 if it is missing.
  std::string directory;
  uint64_t maxBytes = uint64_t(1) << 30;          ///< of all entries; the least recently used go first
  uint64_t maxMemoryBytes = uint64_t(64) << 20;   ///< of entries kept in memory since the disk refused them
  int64_t expirySeconds = 30 * 24 * 3600;         ///< entries unused for longer go
  int64_t pruneIntervalSeconds = 20 * 60;         ///< between two looks at the whole directory, over all processes
  int64_t backOffSeconds = 10 * 60;               ///< no store is tried for so long after the disk refused one
  FileOps *ops = nullptr;                         ///< not owned; null: the real system
};

/// Counts since open.
struct Stats {
  uint64_t hits = 0, misses = 0;
  uint64_t damaged = 0;       ///< misses for which a file was there
  uint64_t stores = 0;        ///< entries that reached the disk
  uint64_t storeFailures = 0; ///< stores that the disk refused
  uint64_t pruned = 0;        ///< files removed for age or space
};

class DiskCache {
public:
  /// The largest entry that is stored or served: any image fits.
  static constexpr uint64_t maxEntryBytes = uint64_t(66) << 20;

  static DiskCache open(const Options &options = {});

  DiskCache(DiskCache &&) noexcept;
  DiskCache &operator=(DiskCache &&) noexcept;
  ~DiskCache();

  /// The entry of a key, whole and verified, or nothing.
  std::optional<std::vector<uint8_t>> find(const Key &key);

  /// Keeps an entry under a key, replacing an older one; on disk if that works, else in memory.
  void store(const Key &key, const uint8_t *bytes, size_t size);
  void store(const Key &key, const std::vector<uint8_t> &bytes) { store(key, bytes.data(), bytes.size()); }

  /// Drops an entry, for callers who found its content unusable, such as code that the GPU driver refused.
  void remove(const Key &key);

  Stats stats() const;

  /// Whether entries go to disk, as far as is known now.
  bool onDisk() const;

  /// The directory in use, empty without one.
  const std::string &directory() const;

  /// Why the disk is not used or why the last store failed, as a sentence; empty if nothing is wrong.
  std::string problem() const;

private:
  class State;
  explicit DiskCache(std::unique_ptr<State> state);
  std::unique_ptr<State> state;
};

} // namespace attn::cache

#endif // ATTN_CACHE_DISKCACHE_H
