// An image that uses every field, for the tests to write, damage and read.
#ifndef ATTN_TEST_UNIT_IMAGE_SAMPLEIMAGE_H
#define ATTN_TEST_UNIT_IMAGE_SAMPLEIMAGE_H

#include "attn/Image/Image.h"

namespace attn::image {

inline Argument sampleArgument(Role role, ElementType type, uint32_t rank, uint32_t boxRows = 0) {
  Argument argument;
  argument.role = role;
  argument.type = type;
  argument.rank = rank;
  argument.boxRows = boxRows;
  argument.boxColumns = boxRows ? 64 : 0;
  int64_t shape[4] = {-1, 32, -1, 128};
  for (uint32_t axis = 0; axis < rank; ++axis)
    argument.shape[axis] = shape[axis];
  return argument;
}

inline Image sampleImage() {
  Image image;
  image.kind = Kind::Cubin;
  image.facts.symbol = "prefill_bf16.kernel$0";
  image.facts.architecture = "sm_90a";
  image.facts.producer = "attn-mlir 0.1.0, LLVM 22.1.8, ptxas 13.0.88";
  for (Role role : {Role::Query, Role::Key, Role::Value, Role::Capture, Role::Output})
    image.facts.arguments.push_back(sampleArgument(role, ElementType::BF16, 4, role == Role::Key ? 128 : 0));
  image.facts.arguments.push_back(sampleArgument(Role::Lse, ElementType::F32, 3));
  image.facts.headsPerGroup = 4;
  image.facts.queryTile = 128;
  image.facts.blockThreads = 384;
  image.facts.sharedBytes = 196608;
  image.facts.scratchBytes = uint64_t(5) << 32;
  image.facts.persistent = true;
  image.facts.startsEarly = true;
  for (unsigned i = 0; i < 300; ++i)
    image.payload.push_back(static_cast<uint8_t>(i * 7));
  return image;
}

} // namespace attn::image

#endif // ATTN_TEST_UNIT_IMAGE_SAMPLEIMAGE_H
