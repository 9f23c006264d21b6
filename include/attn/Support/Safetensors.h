// Tensors in files: the safetensors format (github.com/huggingface/safetensors), read strictly and written so that others
// can read it. Any bytes are safe to read: lengths, offsets and shapes are checked before use. No LLVM, no MLIR.
//
// A file is a u64 length, that many bytes of JSON that name each tensor's dtype, shape and place, and the tensors' bytes.
// The reader takes what the format allows: objects and arrays as the format nests them, not JSON in general.
#ifndef ATTN_SUPPORT_SAFETENSORS_H
#define ATTN_SUPPORT_SAFETENSORS_H

#include "attn/Support/Result.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace attn::safetensors {

/// Bounds of a readable file.
constexpr uint64_t maxHeaderBytes = uint64_t(16) << 20;
constexpr size_t maxTensors = 65536, maxRank = 8;

/// One tensor of a file, compact, last axis fastest.
struct Tensor {
  std::string name;
  std::string dtype; ///< "F16", "BF16", "F32", …
  std::vector<int64_t> shape;
  uint64_t begin = 0, end = 0; ///< bytes in File::data
};

struct File {
  std::vector<Tensor> tensors; ///< in the order of the header
  std::vector<uint8_t> data;

  /// The tensor of that name, or null.
  const Tensor *find(std::string_view name) const;
};

/// Bytes of one element of a dtype, 0 for an unknown one.
size_t elementBytes(std::string_view dtype);

/// Reads a whole file held in memory.
Result<File> parse(const uint8_t *bytes, size_t size);

/// The bytes of a file; `begin` and `end` are set anew from the shapes, and data holds the tensors one after another.
Result<std::vector<uint8_t>> serialize(const std::vector<Tensor> &tensors, const std::vector<const void *> &contents);

Result<File> read(const std::string &path);
Error write(const std::string &path, const std::vector<Tensor> &tensors, const std::vector<const void *> &contents);

} // namespace attn::safetensors

#endif // ATTN_SUPPORT_SAFETENSORS_H
