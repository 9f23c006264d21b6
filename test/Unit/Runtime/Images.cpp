// Images whose code no one runs: the runtime only looks at their facts.
#include "Images.h"

namespace attn::runtime::test {

using namespace image;

static std::vector<Argument> makeArguments(ElementType type, int64_t headDim, int64_t valueDim) {
  auto make = [](Role role, ElementType type, uint32_t rank, int64_t last) {
    Argument argument{};
    argument.role = role;
    argument.type = type;
    argument.rank = rank;
    for (int64_t &extent : argument.shape)
      extent = -1;
    if (rank == 4)
      argument.shape[3] = last;
    return argument;
  };
  return {make(Role::Query, type, 4, headDim), make(Role::Key, type, 4, headDim), make(Role::Value, type, 4, valueDim),
          make(Role::Output, type, 4, valueDim), make(Role::Lse, ElementType::F32, 3, 0)};
}

Image gpuImage(Kind kind) {
  Image image{};
  image.kind = kind;
  image.facts.symbol = "attention";
  image.facts.architecture = "sm_90a";
  image.facts.arguments = makeArguments(ElementType::BF16, 128, 64);
  for (unsigned i = 0; i < 3; ++i) {
    image.facts.arguments[i].boxRows = i == 0 ? 64 : 128;
    image.facts.arguments[i].boxColumns = 64;
  }
  image.facts.headsPerGroup = 4;
  image.facts.queryTile = 128;
  image.facts.blockThreads = 384;
  image.facts.sharedBytes = 200000;
  image.facts.producer = "attn-mlir test, ptxas 13.0.88";
  if (kind == Kind::Ptx) {
    static const char text[] = ".version 8.0 // a test";
    image.payload.assign(text, text + sizeof text - 1);
  } else {
    image.payload.assign(128, 1);
    static const uint8_t elf[] = {0x7f, 'E', 'L', 'F'};
    std::copy(elf, elf + 4, image.payload.begin());
    image.payload[18] = 190;
    image.payload[19] = 0;
  }
  return image;
}

Image cpuImage() {
  Image image{};
  image.kind = Kind::CpuObject;
  image.facts.symbol = "kernel";
  image.facts.architecture = "test-cpu";
  image.facts.arguments = makeArguments(ElementType::F32, 16, 24);
  image.facts.headsPerGroup = 2;
  image.facts.queryTile = 4;
  image.facts.scratchBytes = 100;
  image.facts.producer = "attn-mlir test";
  image.payload = {1, 2, 3, 4};
  return image;
}

} // namespace attn::runtime::test

using namespace attn::runtime::test;

extern "C" const void *testCpuImage(size_t *size) {
  static const std::vector<uint8_t> bytes = attn::image::serialize(cpuImage());
  *size = bytes.size();
  return bytes.data();
}

extern "C" const void *testGpuImage(size_t *size) {
  static const std::vector<uint8_t> bytes = attn::image::serialize(gpuImage());
  *size = bytes.size();
  return bytes.data();
}

extern "C" const void *testInconsistentImage(size_t *size) {
  static const std::vector<uint8_t> bytes = [] {
    auto image = cpuImage();
    image.facts.arguments[1].type = attn::image::ElementType::F16;
    return attn::image::serialize(image);
  }();
  *size = bytes.size();
  return bytes.data();
}
