// Reads an image from any bytes. Sizes are checked against the bytes at hand before anything is read or allocated by
// them, and the checksums before the facts are looked at; the facts are still read as if they were hostile.
#include "Format.h"

#include <cstring>

namespace attn::image {
namespace {

uint64_t numberAt(const uint8_t *at, unsigned size) {
  uint64_t value = 0;
  for (unsigned i = 0; i < size; ++i)
    value |= static_cast<uint64_t>(at[i]) << (8 * i);
  return value;
}

/// Takes fields from the facts. A read beyond the end gives zero and is remembered, so one test at the end will do.
class Reader {
public:
  Reader(const uint8_t *at, size_t left) : at(at), left(left) {}

  uint64_t number(unsigned size) {
    if (!take(size))
      return 0;
    return numberAt(at - size, size);
  }
  uint32_t word() { return static_cast<uint32_t>(number(4)); }
  std::string text() {
    uint32_t size = word();
    if (!take(size))
      return {};
    return std::string(reinterpret_cast<const char *>(at - size), size);
  }
  bool exhausted() const { return !overran && left == 0; }
  bool good() const { return !overran; }

private:
  bool take(size_t size) {
    overran |= size > left;
    if (overran)
      return false;
    at += size;
    left -= size;
    return true;
  }

  const uint8_t *at;
  size_t left;
  bool overran = false;
};

Argument readArgument(Reader &reader) {
  Argument argument;
  argument.role = static_cast<Role>(reader.word());
  argument.type = static_cast<ElementType>(reader.word());
  argument.rank = reader.word();
  argument.boxRows = reader.word();
  argument.boxColumns = reader.word();
  // A rank out of bounds is reported by checkFacts; until then it must not reach beyond the array.
  for (uint32_t axis = 0; axis < argument.rank && axis < maxRank; ++axis)
    argument.shape[axis] = static_cast<int64_t>(reader.number(8));
  return argument;
}

Result<LaunchFacts> readFacts(const uint8_t *bytes, size_t size) {
  Reader reader(bytes, size);
  LaunchFacts facts;
  facts.symbol = reader.text();
  facts.architecture = reader.text();
  facts.producer = reader.text();
  facts.headsPerGroup = reader.word();
  facts.queryTile = reader.word();
  facts.packedHeads = reader.word();
  facts.blockThreads = reader.word();
  facts.sharedBytes = reader.word();
  facts.scratchBytes = reader.number(8);
  uint32_t persistent = reader.word();
  if (persistent > 2)
    return invalid("image expects its mark of a persistent kernel to be 0, 1 or 2, got " + std::to_string(persistent));
  facts.persistent = persistent != 0;
  facts.dynamic = persistent == 2;
  facts.split = reader.word();
  uint32_t first = reader.word();
  if (first > 1)
    return invalid("image expects its mark of shared first tiles to be 0 or 1, got " + std::to_string(first));
  facts.splitsFirstTile = first != 0;
  facts.partKeys = reader.word();
  uint32_t early = reader.word();
  if (early > 1)
    return invalid("image expects its mark of an early start to be 0 or 1, got " + std::to_string(early));
  facts.startsEarly = early != 0;
  uint32_t count = reader.word();
  if (count > maxArguments)
    return invalid("image expects the number of arguments to be at most 64, got " + std::to_string(count));
  for (uint32_t i = 0; i < count && reader.good(); ++i)
    facts.arguments.push_back(readArgument(reader));
  Error error = reader.good() ? checkFacts(facts) : Error{};
  if (error.status != Status::Ok)
    return error;
  if (!reader.exhausted())
    return invalid("image expects its facts to fill " + std::to_string(size) +
                   " bytes, got facts of another size; compile the kernel again");
  return facts;
}

Error checkSizes(uint64_t factsSize, uint64_t payloadSize, size_t size) {
  if (factsSize > maxFactsBytes)
    return invalid("image expects facts of at most " + std::to_string(maxFactsBytes) + " bytes, got " +
                   std::to_string(factsSize));
  if (payloadSize == 0 || payloadSize > maxPayloadBytes)
    return invalid("image expects a payload of 1 to " + std::to_string(maxPayloadBytes) + " bytes, got " +
                   std::to_string(payloadSize));
  // Both terms are bounded by now, so the sum cannot wrap.
  if (headerBytes + factsSize + payloadSize != size)
    return invalid("image expects " + std::to_string(headerBytes + factsSize + payloadSize) + " bytes, got " +
                   std::to_string(size) + "; it is cut off or has bytes appended");
  return {};
}

bool matches(const Hash &hash, const uint8_t *at) { return std::memcmp(hash.data(), at, hash.size()) == 0; }

} // namespace

Result<Image> parse(const uint8_t *bytes, size_t size) {
  if (!bytes || size < headerBytes)
    return invalid("image expects at least " + std::to_string(headerBytes) + " bytes, got " +
                   std::to_string(bytes ? size : 0));
  if (std::memcmp(bytes, magic, sizeof magic) != 0)
    return invalid("image expects to begin with ATTNIMAG, got other bytes; it is no attn image");
  if (uint64_t version = numberAt(bytes + versionAt, 4); version != formatVersion)
    return invalid("image expects format version " + std::to_string(formatVersion) + ", got " +
                   std::to_string(version) + "; compile the kernel again with this release");
  Image image;
  image.kind = static_cast<Kind>(numberAt(bytes + kindAt, 4));
  uint64_t factsSize = numberAt(bytes + factsSizeAt, 8), payloadSize = numberAt(bytes + payloadSizeAt, 8);
  Error error = checkKind(image.kind);
  if (error.status == Status::Ok)
    error = checkSizes(factsSize, payloadSize, size);
  if (error.status != Status::Ok)
    return error;

  const uint8_t *facts = bytes + headerBytes, *payload = facts + factsSize;
  if (!matches(headHashOf(bytes, facts, factsSize), bytes + headHashAt))
    return invalid("image expects the checksum of its header and facts to match, got another; it is damaged");
  if (!matches(hashOf(payload, payloadSize), bytes + payloadHashAt))
    return invalid("image expects the checksum of its payload to match, got another; it is damaged");
  auto read = readFacts(facts, factsSize);
  if (!read)
    return read.error();
  image.facts = std::move(*read);
  image.payload.assign(payload, payload + payloadSize);
  return image;
}

} // namespace attn::image
