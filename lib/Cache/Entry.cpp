// Making and checking cache files.
#include "Entry.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <cstring>

namespace attn::cache {

static constexpr uint8_t magic[8] = {'A', 'T', 'T', 'N', 'C', 'A', 'C', 'H'};
static constexpr size_t versionAt = 8, headerSizeAt = 12, payloadSizeAt = 16, keyAt = 24, payloadHashAt = 56,
                        headerHashAt = 80;
static constexpr char suffix[] = ".attn";

static void put(uint8_t *at, uint64_t value, unsigned bytes) {
  for (unsigned i = 0; i < bytes; ++i)
    at[i] = static_cast<uint8_t>(value >> (8 * i));
}

static void putHash(uint8_t *at, const uint8_t *bytes, size_t size) {
  XXH128_canonical_t canonical;
  XXH128_canonicalFromHash(&canonical, XXH3_128bits(bytes, size));
  std::memcpy(at, canonical.digest, sizeof canonical.digest);
}

Header makeHeader(const Key &key, const uint8_t *payload, size_t size) {
  Header header{};
  std::memcpy(header.data(), magic, sizeof magic);
  put(&header[versionAt], entryVersion, 4);
  put(&header[headerSizeAt], headerBytes, 4);
  put(&header[payloadSizeAt], size, 8);
  std::memcpy(&header[keyAt], key.data(), key.size());
  putHash(&header[payloadHashAt], payload, size);
  putHash(&header[headerHashAt], header.data(), headerHashAt);
  return header;
}

bool isEntryOf(const Key &key, const std::vector<uint8_t> &file) {
  // A header has one right value for each key and payload, so it is made again and compared: no field goes unchecked.
  if (file.size() < headerBytes)
    return false;
  Header expected = makeHeader(key, file.data() + headerBytes, file.size() - headerBytes);
  return std::memcmp(expected.data(), file.data(), headerBytes) == 0;
}

std::string entryName(const Key &key) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string name;
  for (uint8_t byte : key) {
    name += digits[byte >> 4];
    name += digits[byte & 15];
  }
  return name + suffix;
}

bool isEntryName(const std::string &name) {
  size_t digits = 2 * sizeof(Key);
  return name.size() == digits + sizeof suffix - 1 && name.compare(digits, std::string::npos, suffix) == 0 &&
         name.find_first_not_of("0123456789abcdef") == digits;
}

} // namespace attn::cache
