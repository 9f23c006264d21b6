// Images come back as they were written, the bytes are as documented, and check agrees with parse.
#include "SampleImage.h"

#include <gtest/gtest.h>

#include <functional>

using namespace attn;
using namespace attn::image;

static void expectEqual(const Image &found, const Image &expected) {
  EXPECT_EQ(found.kind, expected.kind);
  EXPECT_EQ(found.payload, expected.payload);
  EXPECT_EQ(found.facts.symbol, expected.facts.symbol);
  EXPECT_EQ(found.facts.architecture, expected.facts.architecture);
  EXPECT_EQ(found.facts.producer, expected.facts.producer);
  EXPECT_EQ(found.facts.headsPerGroup, expected.facts.headsPerGroup);
  EXPECT_EQ(found.facts.queryTile, expected.facts.queryTile);
  EXPECT_EQ(found.facts.blockThreads, expected.facts.blockThreads);
  EXPECT_EQ(found.facts.sharedBytes, expected.facts.sharedBytes);
  EXPECT_EQ(found.facts.scratchBytes, expected.facts.scratchBytes);
  EXPECT_EQ(found.facts.persistent, expected.facts.persistent);
  EXPECT_EQ(found.facts.dynamic, expected.facts.dynamic);
  EXPECT_EQ(found.facts.packedHeads, expected.facts.packedHeads);
  EXPECT_EQ(found.facts.split, expected.facts.split);
  EXPECT_EQ(found.facts.splitsFirstTile, expected.facts.splitsFirstTile);
  EXPECT_EQ(found.facts.partKeys, expected.facts.partKeys);
  EXPECT_EQ(found.facts.startsEarly, expected.facts.startsEarly);
  ASSERT_EQ(found.facts.arguments.size(), expected.facts.arguments.size());
  for (size_t i = 0; i < found.facts.arguments.size(); ++i) {
    const Argument &a = found.facts.arguments[i], &b = expected.facts.arguments[i];
    EXPECT_EQ(a.role, b.role);
    EXPECT_EQ(a.type, b.type);
    EXPECT_EQ(a.rank, b.rank);
    EXPECT_EQ(a.boxRows, b.boxRows);
    EXPECT_EQ(a.boxColumns, b.boxColumns);
    for (unsigned axis = 0; axis < 4; ++axis)
      EXPECT_EQ(a.shape[axis], b.shape[axis]);
  }
}

TEST(ImageRoundTrip, EveryFieldComesBack) {
  Image image = sampleImage();
  EXPECT_EQ(check(image).status, Status::Ok);
  std::vector<uint8_t> bytes = serialize(image);
  auto parsed = parse(bytes.data(), bytes.size());
  ASSERT_TRUE(parsed) << parsed.error().message;
  expectEqual(*parsed, image);
  EXPECT_EQ(serialize(*parsed), bytes);
}

TEST(ImageRoundTrip, EveryMarkOfAPersistentKernelComesBack) {
  for (auto [persistent, dynamic] : {std::pair(false, false), std::pair(true, false), std::pair(true, true)}) {
    Image image = sampleImage();
    image.facts.persistent = persistent, image.facts.dynamic = dynamic;
    std::vector<uint8_t> bytes = serialize(image);
    auto parsed = parse(bytes.data(), bytes.size());
    ASSERT_TRUE(parsed) << parsed.error().message;
    expectEqual(*parsed, image);
  }
  Image image = sampleImage();
  image.facts.persistent = false, image.facts.dynamic = true;
  EXPECT_EQ(check(image).status, Status::InvalidImage);
}

TEST(ImageRoundTrip, PackedHeadsComeBackAndAreOfOneGroup) {
  Image image = sampleImage();
  image.facts.headsPerGroup = 12;
  for (uint32_t heads : {2, 3, 12}) {
    image.facts.packedHeads = heads;
    std::vector<uint8_t> bytes = serialize(image);
    auto parsed = parse(bytes.data(), bytes.size());
    ASSERT_TRUE(parsed) << parsed.error().message;
    expectEqual(*parsed, image);
  }
  for (uint32_t heads : {0, 5, 24}) {
    image.facts.packedHeads = heads;
    EXPECT_EQ(check(image).status, Status::InvalidImage) << heads;
  }
  image.facts.headsPerGroup = image.facts.packedHeads = 512; // more than a tensor map's box has
  EXPECT_EQ(check(image).status, Status::InvalidImage);
}

TEST(ImageRoundTrip, SharedProgramsComeBackAndAreOfWholeClusters) {
  auto shared = [](uint32_t split, bool first, bool persistent) {
    Image image = sampleImage();
    image.facts.split = split, image.facts.splitsFirstTile = first, image.facts.persistent = persistent;
    return image;
  };
  for (uint32_t split : {2, 4, 8})
    for (bool first : {false, true}) {
      Image image = shared(split, first, false);
      image.facts.partKeys = split == 8 ? 1024 : 0;
      std::vector<uint8_t> bytes = serialize(image);
      auto parsed = parse(bytes.data(), bytes.size());
      ASSERT_TRUE(parsed) << parsed.error().message;
      expectEqual(*parsed, image);
    }
  for (uint32_t split : {0, 3, 6, 16})
    EXPECT_EQ(check(shared(split, false, false)).status, Status::InvalidImage) << split;
  EXPECT_EQ(check(shared(2, false, true)).status, Status::InvalidImage);
  EXPECT_EQ(check(shared(1, true, false)).status, Status::InvalidImage);
  Image alone = shared(1, false, false);
  alone.facts.partKeys = 64;
  EXPECT_EQ(check(alone).status, Status::InvalidImage);
}

TEST(ImageRoundTrip, EveryKindComesBack) {
  for (Kind kind : {Kind::CpuObject, Kind::Cubin, Kind::Ptx}) {
    Image image = sampleImage();
    image.kind = kind;
    std::vector<uint8_t> bytes = serialize(image);
    auto parsed = parse(bytes.data(), bytes.size());
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->kind, kind);
  }
}

TEST(ImageRoundTrip, LargestFactsFit) {
  Image image = sampleImage();
  image.facts.symbol.assign(maxSymbolBytes, 's');
  image.facts.architecture.assign(maxArchitectureBytes, '+');
  image.facts.producer.assign(maxProducerBytes, ' ');
  image.facts.arguments.assign(maxArguments, sampleArgument(Role::Capture, ElementType::F16, 4, 256));
  EXPECT_EQ(check(image).status, Status::Ok);
  std::vector<uint8_t> bytes = serialize(image);
  auto parsed = parse(bytes.data(), bytes.size());
  ASSERT_TRUE(parsed) << parsed.error().message;
  expectEqual(*parsed, image);
}

TEST(ImageRoundTrip, HeaderIsAsDocumented) {
  Image image = sampleImage();
  std::vector<uint8_t> bytes = serialize(image);
  EXPECT_EQ(std::string(bytes.begin(), bytes.begin() + 8), "ATTNIMAG");
  EXPECT_EQ(bytes[8], 7);
  EXPECT_EQ(bytes[12], 2);
  size_t facts = bytes[16] | bytes[17] << 8, payload = bytes[24] | bytes[25] << 8;
  EXPECT_EQ(payload, image.payload.size());
  EXPECT_EQ(64 + facts + payload, bytes.size());
}

TEST(ImageRoundTrip, UnusedExtentsAreNotStored) {
  Image image = sampleImage();
  std::vector<uint8_t> bytes = serialize(image);
  image.facts.arguments.back().shape[3] = 99;
  EXPECT_EQ(serialize(image), bytes);
}

/// A value that breaks a rule: check names it, and parse refuses the bytes with the same sentence.
TEST(ImageRoundTrip, BrokenRulesAreNamedByCheckAndParse) {
  struct Case {
    const char *message;
    std::function<void(Image &)> damage;
  } cases[] = {
      {"its kind to be", [](Image &i) { i.kind = static_cast<Kind>(9); }},
      {"size of its symbol", [](Image &i) { i.facts.symbol.clear(); }},
      {"size of its symbol", [](Image &i) { i.facts.symbol.assign(256, 's'); }},
      {"letters, digits", [](Image &i) { i.facts.symbol = "a b"; }},
      {"letters, digits", [](Image &i) { i.facts.symbol = std::string("a\0b", 3); }},
      {"size of its architecture", [](Image &i) { i.facts.architecture.assign(maxArchitectureBytes + 1, '+'); }},
      {"architecture to be printable", [](Image &i) { i.facts.architecture = "sm\n"; }},
      {"size of its producer", [](Image &i) { i.facts.producer.assign(1024, 'p'); }},
      {"producer to be printable", [](Image &i) { i.facts.producer = "\xff"; }},
      {"number of arguments", [](Image &i) { i.facts.arguments.resize(65, i.facts.arguments[0]); }},
      {"query heads per kv head", [](Image &i) { i.facts.headsPerGroup = 0; }},
      {"heads of a program", [](Image &i) { i.facts.packedHeads = 3; }},
      {"query tile", [](Image &i) { i.facts.queryTile = 0; }},
      {"role of argument 1", [](Image &i) { i.facts.arguments[1].role = static_cast<Role>(99); }},
      {"element type of argument 2", [](Image &i) { i.facts.arguments[2].type = static_cast<ElementType>(0); }},
      {"rank of argument 0", [](Image &i) { i.facts.arguments[0].rank = 0; }},
      {"rank of argument 0", [](Image &i) { i.facts.arguments[0].rank = 5; }},
      {"rank of argument 0", [](Image &i) { i.facts.arguments[0].rank = 0xffffffff; }},
      {"box rows of argument 1", [](Image &i) { i.facts.arguments[1].boxRows = 257; }},
      {"box rows of argument 1", [](Image &i) { i.facts.arguments[1].boxColumns = 0; }},
      {"box columns of argument 1", [](Image &i) { i.facts.arguments[1].boxColumns = 257; }},
      {"extents of argument 0", [](Image &i) { i.facts.arguments[0].shape[0] = -2; }},
  };
  for (const Case &test : cases) {
    Image image = sampleImage();
    test.damage(image);
    Error error = check(image);
    EXPECT_EQ(error.status, Status::InvalidImage);
    EXPECT_NE(error.message.find(test.message), std::string::npos) << error.message;
    std::vector<uint8_t> bytes = serialize(image);
    auto parsed = parse(bytes.data(), bytes.size());
    ASSERT_FALSE(parsed) << test.message;
    EXPECT_EQ(parsed.error().status, Status::InvalidImage);
    EXPECT_EQ(parsed.error().message, error.message);
  }
}

TEST(ImageRoundTrip, EmptyPayloadIsRefused) {
  Image image = sampleImage();
  image.payload.clear();
  EXPECT_EQ(check(image).status, Status::InvalidImage);
  std::vector<uint8_t> bytes = serialize(image);
  EXPECT_FALSE(parse(bytes.data(), bytes.size()));
}
