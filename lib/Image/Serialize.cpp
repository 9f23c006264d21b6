// Writes an image as bytes.
#include "Format.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <cstring>

namespace attn::image {

static Hash canonical(XXH128_hash_t hash) {
  XXH128_canonical_t bytes;
  XXH128_canonicalFromHash(&bytes, hash);
  Hash result;
  std::memcpy(result.data(), bytes.digest, result.size());
  return result;
}

Hash hashOf(const uint8_t *bytes, size_t size) { return canonical(XXH3_128bits(bytes, size)); }

Hash headHashOf(const uint8_t *header, const uint8_t *facts, size_t factsSize) {
  std::vector<uint8_t> covered(header, header + headHashAt);
  covered.insert(covered.end(), facts, facts + factsSize);
  return hashOf(covered.data(), covered.size());
}

namespace {

class Writer {
public:
  void number(uint64_t value, unsigned size) {
    for (unsigned i = 0; i < size; ++i)
      bytes.push_back(static_cast<uint8_t>(value >> (8 * i)));
  }
  template <typename T>
  void word(T value) {
    number(static_cast<uint32_t>(value), 4);
  }
  void text(const std::string &value) {
    word(value.size());
    bytes.insert(bytes.end(), value.begin(), value.end());
  }

  std::vector<uint8_t> bytes;
};

void writeArgument(Writer &writer, const Argument &argument) {
  writer.word(argument.role);
  writer.word(argument.type);
  writer.word(argument.rank);
  writer.word(argument.boxRows);
  writer.word(argument.boxColumns);
  for (uint32_t axis = 0; axis < std::min(argument.rank, maxRank); ++axis)
    writer.number(static_cast<uint64_t>(argument.shape[axis]), 8);
}

std::vector<uint8_t> writeFacts(const LaunchFacts &facts) {
  Writer writer;
  writer.text(facts.symbol);
  writer.text(facts.architecture);
  writer.text(facts.producer);
  writer.word(facts.headsPerGroup);
  writer.word(facts.queryTile);
  writer.word(facts.packedHeads);
  writer.word(facts.blockThreads);
  writer.word(facts.sharedBytes);
  writer.number(facts.scratchBytes, 8);
  writer.word(facts.dynamic ? 2 : facts.persistent ? 1 : 0);
  writer.word(facts.split);
  writer.word(facts.splitsFirstTile);
  writer.word(facts.partKeys);
  writer.word(facts.startsEarly);
  writer.word(facts.arguments.size());
  for (const Argument &argument : facts.arguments)
    writeArgument(writer, argument);
  return std::move(writer.bytes);
}

} // namespace

std::vector<uint8_t> serialize(const Image &image) {
  std::vector<uint8_t> facts = writeFacts(image.facts);
  Hash payloadHash = hashOf(image.payload.data(), image.payload.size());
  Writer writer;
  writer.bytes.reserve(headerBytes + facts.size() + image.payload.size());
  writer.bytes.assign(magic, magic + sizeof magic);
  writer.word(formatVersion);
  writer.word(image.kind);
  writer.number(facts.size(), 8);
  writer.number(image.payload.size(), 8);
  writer.bytes.insert(writer.bytes.end(), payloadHash.begin(), payloadHash.end());
  Hash headHash = headHashOf(writer.bytes.data(), facts.data(), facts.size());
  writer.bytes.insert(writer.bytes.end(), headHash.begin(), headHash.end());
  writer.bytes.insert(writer.bytes.end(), facts.begin(), facts.end());
  writer.bytes.insert(writer.bytes.end(), image.payload.begin(), image.payload.end());
  return std::move(writer.bytes);
}

} // namespace attn::image
