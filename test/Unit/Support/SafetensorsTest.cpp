// Safetensors files: what is written reads back, others' files read, and hostile ones give a sentence.
#include "attn/Support/Safetensors.h"

#include <gtest/gtest.h>

#include <cstring>

using namespace attn;
using namespace attn::safetensors;

static std::vector<uint8_t> fileOf(const std::string &header, size_t dataBytes) {
  std::vector<uint8_t> bytes(8 + header.size() + dataBytes);
  for (int i = 0; i != 8; ++i)
    bytes[i] = static_cast<uint8_t>(header.size() >> (8 * i));
  std::memcpy(bytes.data() + 8, header.data(), header.size());
  return bytes;
}

static std::string messageOf(const std::string &header, size_t dataBytes) {
  std::vector<uint8_t> bytes = fileOf(header, dataBytes);
  Result<File> file = parse(bytes.data(), bytes.size());
  return file ? "" : file.error().message;
}

TEST(Safetensors, ReadsWhatItWrote) {
  std::vector<float> q = {1, 2, 3, 4, 5, 6};
  std::vector<uint16_t> k = {7, 8};
  std::vector<Tensor> tensors(3);
  tensors[0] = {"q", "F32", {2, 3}, 0, 0};
  tensors[1] = {"k \"quoted\\\"", "BF16", {1, 2}, 0, 0};
  tensors[2] = {"empty", "F16", {0, 64}, 0, 0};
  Result<std::vector<uint8_t>> bytes = serialize(tensors, {q.data(), k.data(), nullptr});
  ASSERT_TRUE(bytes);
  Result<File> file = parse(bytes->data(), bytes->size());
  ASSERT_TRUE(file) << file.error().message;
  ASSERT_EQ(file->tensors.size(), 3u);
  const Tensor *first = file->find("q"), *second = file->find("k \"quoted\\\"");
  ASSERT_TRUE(first && second && file->find("empty"));
  EXPECT_EQ(first->shape, (std::vector<int64_t>{2, 3}));
  EXPECT_EQ(std::memcmp(file->data.data() + first->begin, q.data(), 24), 0);
  EXPECT_EQ(std::memcmp(file->data.data() + second->begin, k.data(), 4), 0);
  EXPECT_EQ(file->find("v"), nullptr);
}

TEST(Safetensors, ReadsMetadataAndAnyOrderOfFields) {
  EXPECT_EQ(messageOf(R"({ "__metadata__" : {"format":"pt", "x":"\u00e9"},
      "b":{"data_offsets":[4,8],"shape":[1],"dtype":"F32"}, "a":{"dtype":"F32","shape":[],"data_offsets":[0,4]} }   )", 8),
            "");
  EXPECT_EQ(messageOf("{}", 0), "");
}

TEST(Safetensors, RefusesWhatIsNotTheFormat) {
  const char *bad[] = {
      "", "{", "[]", "{}x", R"({"a":1})", R"({"a":{}})", R"({"a":{"dtype":"F32"}})",
      R"({"a":{"dtype":"F31","shape":[1],"data_offsets":[0,4]}})",
      R"({"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}})",
      R"({"a":{"dtype":"F32","shape":[1.0],"data_offsets":[0,4]}})",
      R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4,4]}})",
      R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0]}})",
      R"({"a":{"dtype":"F32","shape":[1],"shape":[1],"data_offsets":[0,4]}})",
      R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"x":[]}})",
      R"({"a":{"dtype":"F32","shape":[1,1,1,1,1,1,1,1,1],"data_offsets":[0,4]}})",
      R"({"a":{"dtype":"F32","shape":[18446744073709551616],"data_offsets":[0,4]}})",
      R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},})",
      R"({"a\q":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})",
      R"({"__metadata__":{"a":{"b":"c"}}})",
  };
  for (const char *header : bad)
    EXPECT_NE(messageOf(header, 4), "") << header;
  EXPECT_NE(messageOf(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})", 8)
                .find("each name once"),
            std::string::npos);
}

TEST(Safetensors, RefusesPlacesThatDoNotTileTheData) {
  auto tensor = [](const char *name, const char *shape, const char *offsets) {
    return std::string("\"") + name + "\":{\"dtype\":\"F32\",\"shape\":" + shape + ",\"data_offsets\":" + offsets + "}";
  };
  EXPECT_EQ(messageOf("{" + tensor("a", "[2]", "[0,8]") + "," + tensor("b", "[1]", "[8,12]") + "}", 12), "");
  EXPECT_NE(messageOf("{" + tensor("a", "[2]", "[0,8]") + "," + tensor("b", "[1]", "[4,8]") + "}", 8), "");   // overlap
  EXPECT_NE(messageOf("{" + tensor("a", "[2]", "[4,12]") + "}", 12), "");                                    // gap
  EXPECT_NE(messageOf("{" + tensor("a", "[2]", "[0,8]") + "}", 12), "");                                     // rest
  EXPECT_NE(messageOf("{" + tensor("a", "[2]", "[0,12]") + "}", 12), "");                                    // too long
  EXPECT_NE(messageOf("{" + tensor("a", "[2]", "[8,0]") + "}", 8), "");                                      // backwards
  EXPECT_NE(messageOf("{" + tensor("a", "[4294967296,4294967296]", "[0,0]") + "}", 0), "");                  // overflow
  EXPECT_NE(messageOf("{" + tensor("a", "[2]", "[0,8]") + "}", 4), "");                                      // beyond
}

TEST(Safetensors, RefusesHostileLengthsAndNesting) {
  uint8_t huge[16] = {255, 255, 255, 255, 255, 255, 255, 255};
  EXPECT_FALSE(parse(huge, sizeof huge));
  for (size_t size = 0; size != 8; ++size)
    EXPECT_FALSE(parse(huge, size));
  EXPECT_NE(messageOf(std::string(1 << 20, '['), 0), "");
  EXPECT_NE(messageOf("{\"a\":" + std::string(1 << 20, '{'), 0), "");
}

TEST(Safetensors, TruncationsAndFlippedBitsNeverCrash) {
  std::vector<float> q(12, 1.0f);
  Result<std::vector<uint8_t>> bytes = serialize({{"q", "F32", {3, 4}, 0, 0}}, {q.data()});
  ASSERT_TRUE(bytes);
  for (size_t size = 0; size != bytes->size(); ++size)
    EXPECT_FALSE(parse(bytes->data(), size)) << size;
  for (size_t bit = 0; bit != bytes->size() * 8; ++bit) {
    std::vector<uint8_t> damaged = *bytes;
    damaged[bit / 8] ^= 1u << (bit % 8);
    if (Result<File> file = parse(damaged.data(), damaged.size()))
      for (const Tensor &tensor : file->tensors)
        EXPECT_LE(tensor.end, file->data.size());
  }
}

TEST(Safetensors, FilesThatAreNotThereGiveASentence) {
  Result<File> missing = read("/nonexistent/file.safetensors");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().status, Status::IoError);
  EXPECT_FALSE(read("/"));
  EXPECT_EQ(write("/nonexistent/file.safetensors", {}, {}).status, Status::IoError);
}
