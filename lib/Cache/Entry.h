// The bytes of a cache file: a fixed header that names the key and holds checksums, then the entry. Pure functions.
#ifndef ATTN_LIB_CACHE_ENTRY_H
#define ATTN_LIB_CACHE_ENTRY_H

#include "attn/Cache/DiskCache.h"

namespace attn::cache {

/// Layout, little endian: magic 8, version 4, header size 4, payload size 8, key 32, payload hash 16, zero 8, and the
/// hash of all before 16.
constexpr size_t headerBytes = 96;
constexpr uint32_t entryVersion = 1;

using Header = std::array<uint8_t, headerBytes>;

Header makeHeader(const Key &key, const uint8_t *payload, size_t size);

/// Whether a whole file is the entry of a key, intact and of this version.
bool isEntryOf(const Key &key, const std::vector<uint8_t> &file);

/// The file name of a key: 64 hex digits and ".attn".
std::string entryName(const Key &key);

/// Whether a name is one that entryName makes; only such files are ever pruned.
bool isEntryName(const std::string &name);

/// Unfinished files begin with this; the dot keeps them out of listings.
constexpr const char *temporaryPrefix = ".tmp-";

} // namespace attn::cache

#endif // ATTN_LIB_CACHE_ENTRY_H
