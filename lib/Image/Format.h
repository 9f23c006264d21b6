// What the writer and the reader of images share: places in the header, checksums and the rules for values.
#ifndef ATTN_LIB_IMAGE_FORMAT_H
#define ATTN_LIB_IMAGE_FORMAT_H

#include "attn/Image/Image.h"

#include <array>

namespace attn::image {

constexpr uint8_t magic[8] = {'A', 'T', 'T', 'N', 'I', 'M', 'A', 'G'};
constexpr size_t versionAt = 8, kindAt = 12, factsSizeAt = 16, payloadSizeAt = 24, payloadHashAt = 32, headHashAt = 48;

using Hash = std::array<uint8_t, 16>;

/// XXH3-128 in its canonical byte order.
Hash hashOf(const uint8_t *bytes, size_t size);

/// XXH3-128 of the header up to this hash itself, followed by the facts.
Hash headHashOf(const uint8_t *header, const uint8_t *facts, size_t factsSize);

/// An InvalidImage error, or Status::Ok, for values that are read or about to be written.
Error checkKind(Kind kind);
Error checkFacts(const LaunchFacts &facts);
Error invalid(std::string message);

} // namespace attn::image

#endif // ATTN_LIB_IMAGE_FORMAT_H
