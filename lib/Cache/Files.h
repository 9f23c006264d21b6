// Whole files in the cache directory: read one safely, write one atomically, prune them all. Errors are answers here,
// never more.
#ifndef ATTN_LIB_CACHE_FILES_H
#define ATTN_LIB_CACHE_FILES_H

#include "attn/Cache/DiskCache.h"

namespace attn::cache {

/// How an attempt to read an entry ended.
enum class ReadResult {
  Found,
  Absent,  ///< no such file, or none that we may read now
  Damaged, ///< something is there that is not the entry; it has been removed if that was possible
};

/// Reads and verifies the entry of a key.
ReadResult readEntry(FileOps &ops, int root, const Key &key, std::vector<uint8_t> &payload);

/// Writes an entry under a temporary name and renames it into place. 0, or the errno of what failed, with nothing left
/// behind.
int writeEntry(FileOps &ops, int root, const Key &key, const uint8_t *bytes, size_t size);

/// Removes the entry of a key.
void removeEntry(FileOps &ops, int root, const Key &key);

/// Removes expired entries, then the least recently used until the rest fits, and temporary files that a killed writer
/// left. Does nothing if the directory was pruned within the interval. The number of files removed.
uint64_t prune(FileOps &ops, int root, const Options &options);

} // namespace attn::cache

#endif // ATTN_LIB_CACHE_FILES_H
