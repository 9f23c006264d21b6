// Damaged images: each is refused with a sentence, and none crashes the reader. Damage that the checksums would hide
// from the code behind them is made with checksums that match.
#include "SampleImage.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <random>

using namespace attn;
using namespace attn::image;

namespace {

using Bytes = std::vector<uint8_t>;

void put(Bytes &bytes, size_t at, uint64_t value, unsigned size) {
  for (unsigned i = 0; i < size; ++i)
    bytes[at + i] = static_cast<uint8_t>(value >> (8 * i));
}

uint64_t get(const Bytes &bytes, size_t at, unsigned size) {
  uint64_t value = 0;
  for (unsigned i = 0; i < size; ++i)
    value |= uint64_t(bytes[at + i]) << (8 * i);
  return value;
}

void putHash(Bytes &bytes, size_t at, const uint8_t *data, size_t size) {
  XXH128_canonical_t canonical;
  XXH128_canonicalFromHash(&canonical, XXH3_128bits(data, size));
  std::memcpy(&bytes[at], canonical.digest, 16);
}

/// Makes both checksums match, as far as the sizes in the header allow.
void sign(Bytes &bytes) {
  if (bytes.size() < 64)
    return;
  uint64_t facts = get(bytes, 16, 8);
  if (facts > bytes.size() - 64)
    return;
  putHash(bytes, 32, bytes.data() + 64 + facts, bytes.size() - 64 - facts);
  Bytes covered(bytes.begin(), bytes.begin() + 48);
  covered.insert(covered.end(), bytes.begin() + 64, bytes.begin() + 64 + facts);
  putHash(bytes, 48, covered.data(), covered.size());
}

void expectRefused(const Bytes &bytes, const char *message) {
  // A copy of the exact size lets AddressSanitizer see a read beyond the end.
  std::unique_ptr<uint8_t[]> exact(new uint8_t[bytes.size()]);
  std::copy(bytes.begin(), bytes.end(), exact.get());
  auto parsed = parse(exact.get(), bytes.size());
  ASSERT_FALSE(parsed) << message;
  EXPECT_EQ(parsed.error().status, Status::InvalidImage);
  EXPECT_NE(parsed.error().message.find(message), std::string::npos) << parsed.error().message;
}

Bytes sampleBytes() { return serialize(sampleImage()); }

} // namespace

TEST(ImageDamage, NullAndEmpty) {
  EXPECT_FALSE(parse(nullptr, 0));
  EXPECT_FALSE(parse(nullptr, 1000));
  uint8_t byte = 0;
  EXPECT_FALSE(parse(&byte, 0));
}

TEST(ImageDamage, EveryTruncation) {
  Bytes bytes = sampleBytes();
  for (size_t size = 0; size < bytes.size(); ++size)
    expectRefused(Bytes(bytes.begin(), bytes.begin() + size), size < 64 ? "at least 64 bytes" : "it is cut off");
}

TEST(ImageDamage, AppendedBytes) {
  for (size_t extra : {1, 64, 4096}) {
    Bytes bytes = sampleBytes();
    bytes.resize(bytes.size() + extra);
    expectRefused(bytes, "bytes appended");
  }
}

TEST(ImageDamage, EveryBitOfTheHeader) {
  struct Field {
    size_t begin, end;
    const char *message;
  } fields[] = {{0, 8, "begin with ATTNIMAG"}, {8, 12, "format version 7"}, {12, 16, ""},
                {16, 32, ""},                  {32, 48, "header and facts"}, {48, 64, "header and facts"}};
  for (const Field &field : fields)
    for (size_t bit = 8 * field.begin; bit < 8 * field.end; ++bit) {
      Bytes bytes = sampleBytes();
      bytes[bit / 8] ^= 1 << bit % 8;
      expectRefused(bytes, field.message);
    }
}

TEST(ImageDamage, EveryBitOfTheFactsAndPayload) {
  Bytes bytes = sampleBytes();
  size_t payload = 64 + get(bytes, 16, 8);
  for (size_t bit = 8 * 64; bit < 8 * bytes.size(); ++bit) {
    Bytes damaged = bytes;
    damaged[bit / 8] ^= 1 << bit % 8;
    expectRefused(damaged, bit / 8 < payload ? "checksum of its header and facts" : "checksum of its payload");
  }
}

TEST(ImageDamage, OtherVersions) {
  for (uint64_t version : {0u, 1u, 2u, 3u, 0x04000000u, 0xffffffffu}) {
    Bytes bytes = sampleBytes();
    put(bytes, 8, version, 4);
    sign(bytes);
    expectRefused(bytes, "compile the kernel again with this release");
  }
}

TEST(ImageDamage, AMarkThatIsNone) {
  const LaunchFacts facts = sampleImage().facts;
  size_t mark = 64 + 3 * 4 + facts.symbol.size() + facts.architecture.size() + facts.producer.size() + 5 * 4 + 8;
  Bytes bytes = sampleBytes();
  ASSERT_EQ(get(bytes, mark, 4), 1u);
  put(bytes, mark, 3, 4);
  sign(bytes);
  expectRefused(bytes, "mark of a persistent kernel to be 0, 1 or 2, got 3");
  bytes = sampleBytes();
  put(bytes, mark + 8, 2, 4);
  sign(bytes);
  expectRefused(bytes, "mark of shared first tiles to be 0 or 1, got 2");
  bytes = sampleBytes();
  put(bytes, mark + 16, 2, 4);
  sign(bytes);
  expectRefused(bytes, "mark of an early start to be 0 or 1, got 2");
}

TEST(ImageDamage, HugeSizesInTheHeader) {
  for (uint64_t size : {uint64_t(1) << 17, uint64_t(1) << 31, uint64_t(1) << 32, uint64_t(1) << 63, ~uint64_t(0),
                        ~uint64_t(63), ~uint64_t(0) - 64}) {
    Bytes bytes = sampleBytes();
    put(bytes, 16, size, 8);
    sign(bytes);
    expectRefused(bytes, "facts of at most");
    bytes = sampleBytes();
    put(bytes, 24, size < (uint64_t(1) << 31) ? uint64_t(1) << 27 : size, 8);
    sign(bytes);
    expectRefused(bytes, "payload of 1 to");
  }
}

TEST(ImageDamage, SizesThatWrapToTheFileSize) {
  Bytes bytes = sampleBytes();
  uint64_t facts = get(bytes, 16, 8), payload = get(bytes, 24, 8);
  put(bytes, 16, facts + payload + 10, 8);
  put(bytes, 24, ~uint64_t(0) - 9, 8);
  sign(bytes);
  expectRefused(bytes, "payload of 1 to");
}

TEST(ImageDamage, BoundaryMovedBetweenFactsAndPayload) {
  for (int by : {-8, -1, 1, 8}) {
    Bytes bytes = sampleBytes();
    put(bytes, 16, get(bytes, 16, 8) + by, 8);
    put(bytes, 24, get(bytes, 24, 8) - by, 8);
    expectRefused(bytes, "header and facts");
    sign(bytes);
    expectRefused(bytes, "facts of another size");
  }
}

TEST(ImageDamage, NoFactsAtAll) {
  Bytes bytes = sampleBytes();
  put(bytes, 24, get(bytes, 24, 8) + get(bytes, 16, 8), 8);
  put(bytes, 16, 0, 8);
  sign(bytes);
  expectRefused(bytes, "facts of another size");
}

TEST(ImageDamage, HugeLengthsInsideTheFacts) {
  // The first word of the facts is the size of the symbol.
  for (uint64_t size : {500u, 0x7fffffffu, 0x80000000u, 0xfffffffcu, 0xffffffffu}) {
    Bytes bytes = sampleBytes();
    put(bytes, 64, size, 4);
    sign(bytes);
    expectRefused(bytes, "image expects");
  }
}

TEST(ImageDamage, HugeArgumentCount) {
  Image image = sampleImage();
  size_t countAt = 64 + 4 + image.facts.symbol.size() + 4 + image.facts.architecture.size() + 4 +
                   image.facts.producer.size() + 5 * 4 + 8 + 5 * 4;
  Bytes bytes = serialize(image);
  ASSERT_EQ(get(bytes, countAt, 4), image.facts.arguments.size());
  for (uint64_t count : {65u, 0x10000000u, 0xffffffffu}) {
    put(bytes, countAt, count, 4);
    sign(bytes);
    expectRefused(bytes, "number of arguments");
  }
  for (uint64_t count : {0u, 5u, 7u}) {
    put(bytes, countAt, count, 4);
    sign(bytes);
    expectRefused(bytes, "facts of another size");
  }
}

TEST(ImageDamage, PartsOfTwoImages) {
  Image other = sampleImage();
  other.facts.queryTile = 64;
  other.payload[7] ^= 1;
  Bytes first = sampleBytes(), second = serialize(other);
  ASSERT_EQ(first.size(), second.size());
  size_t payload = 64 + get(first, 16, 8);
  Bytes mixed = first;
  std::copy(second.begin() + payload, second.end(), mixed.begin() + payload);
  expectRefused(mixed, "checksum of its payload");
  mixed = first;
  std::copy(second.begin(), second.begin() + 64, mixed.begin());
  expectRefused(mixed, "checksum of its header and facts");
}

TEST(ImageDamage, ForeignFiles) {
  expectRefused(Bytes(1 << 20), "begin with ATTNIMAG");
  Bytes elf(4096);
  std::memcpy(elf.data(), "\x7f" "ELF", 4);
  expectRefused(elf, "begin with ATTNIMAG");
}

/// Random mutants, half of them with checksums made to match so that the code behind the checksums is reached too.
/// Whatever is accepted must be what serialize gives.
TEST(ImageDamage, RandomMutants) {
  const Bytes original = sampleBytes();
  std::mt19937_64 random(1);
  unsigned accepted = 0;
  for (unsigned round = 0; round < 20000; ++round) {
    Bytes bytes = original;
    for (unsigned edits = 1 + random() % 4; edits; --edits) {
      size_t at = random() % bytes.size(), words = bytes.size() / 4;
      switch (random() % 5) {
      case 0: bytes[at] = static_cast<uint8_t>(random()); break;
      case 1: bytes[at] ^= 1 << random() % 8; break;
      case 2: put(bytes, 4 * (random() % words), ~uint64_t(0) << random() % 33, 4); break;
      case 3: bytes.erase(bytes.begin() + at, bytes.begin() + at + random() % (bytes.size() - at)); break;
      default: bytes.insert(bytes.begin() + at, random() % 16, static_cast<uint8_t>(random())); break;
      }
      if (bytes.size() < 8)
        bytes.resize(8);
    }
    if (round % 2)
      sign(bytes);
    std::unique_ptr<uint8_t[]> exact(new uint8_t[bytes.size()]);
    std::copy(bytes.begin(), bytes.end(), exact.get());
    auto parsed = parse(exact.get(), bytes.size());
    if (parsed) {
      ++accepted;
      ASSERT_EQ(serialize(*parsed), bytes) << "round " << round;
    } else {
      ASSERT_EQ(parsed.error().status, Status::InvalidImage);
      ASSERT_FALSE(parsed.error().message.empty());
    }
  }
  EXPECT_GT(accepted, 0u);
}
