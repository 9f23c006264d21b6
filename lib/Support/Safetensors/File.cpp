// Whole safetensors files: where the tensors lie in the data, and reading and writing on disk.
#include "Header.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <sys/stat.h>

namespace attn::safetensors {

const Tensor *File::find(std::string_view name) const {
  for (const Tensor &tensor : tensors)
    if (tensor.name == name)
      return &tensor;
  return nullptr;
}

size_t elementBytes(std::string_view dtype) {
  static constexpr struct {
    std::string_view name;
    size_t bytes;
  } known[] = {{"BOOL", 1},    {"U8", 1},  {"I8", 1},  {"F8_E4M3", 1}, {"F8_E5M2", 1}, {"U16", 2}, {"I16", 2}, {"F16", 2},
               {"BF16", 2},    {"U32", 4}, {"I32", 4}, {"F32", 4},     {"U64", 8},     {"I64", 8}, {"F64", 8}};
  for (const auto &entry : known)
    if (entry.name == dtype)
      return entry.bytes;
  return 0;
}

/// Bytes that a shape takes, or nothing if they pass 2^62.
static std::optional<uint64_t> bytesOf(const Tensor &tensor) {
  constexpr uint64_t limit = uint64_t(1) << 62;
  uint64_t bytes = elementBytes(tensor.dtype);
  for (int64_t extent : tensor.shape) {
    if (extent < 0 || (extent != 0 && bytes > limit / static_cast<uint64_t>(extent)))
      return std::nullopt;
    bytes *= static_cast<uint64_t>(extent);
  }
  return bytes;
}

/// Checks that the tensors tile the data: in order of their offsets, without gaps, each as long as its shape says.
static Error checkPlaces(const std::vector<Tensor> &tensors, uint64_t dataBytes) {
  std::vector<const Tensor *> order;
  for (const Tensor &tensor : tensors)
    order.push_back(&tensor);
  std::sort(order.begin(), order.end(), [](const Tensor *a, const Tensor *b) {
    return std::pair(a->begin, a->end) < std::pair(b->begin, b->end);
  });
  uint64_t at = 0;
  for (const Tensor *tensor : order) {
    std::string name = "tensor '" + tensor->name + "'";
    if (tensor->begin != at || tensor->end < tensor->begin || tensor->end > dataBytes)
      return invalid(name + ", expects data from byte " + std::to_string(at) + " within " + std::to_string(dataBytes) +
                     " bytes, got " + std::to_string(tensor->begin) + " to " + std::to_string(tensor->end));
    std::optional<uint64_t> bytes = bytesOf(*tensor);
    if (!bytes || *bytes != tensor->end - tensor->begin)
      return invalid(name + ", expects as many bytes as its shape and dtype say, got " +
                     std::to_string(tensor->end - tensor->begin));
    at = tensor->end;
  }
  if (at != dataBytes)
    return invalid("expects " + std::to_string(at) + " bytes of data, got " + std::to_string(dataBytes));
  return {};
}

Result<File> parse(const uint8_t *bytes, size_t size) {
  if (size < 8)
    return invalid("expects at least 8 bytes, got " + std::to_string(size));
  uint64_t headerBytes = 0;
  for (int i = 7; i >= 0; --i)
    headerBytes = headerBytes << 8 | bytes[i];
  if (headerBytes > maxHeaderBytes || headerBytes > size - 8)
    return invalid("expects a header of at most " + std::to_string(std::min<uint64_t>(maxHeaderBytes, size - 8)) +
                   " bytes, got a length of " + std::to_string(headerBytes));
  Result<std::vector<Tensor>> tensors =
      parseHeader(std::string_view(reinterpret_cast<const char *>(bytes) + 8, headerBytes));
  if (!tensors)
    return tensors.error();
  const uint8_t *data = bytes + 8 + headerBytes;
  uint64_t dataBytes = size - 8 - headerBytes;
  if (Error error = checkPlaces(*tensors, dataBytes); error.status != Status::Ok)
    return error;
  File file;
  file.tensors = std::move(*tensors);
  file.data.assign(data, data + dataBytes);
  return file;
}

Result<std::vector<uint8_t>> serialize(const std::vector<Tensor> &tensors, const std::vector<const void *> &contents) {
  std::vector<Tensor> placed = tensors;
  uint64_t at = 0;
  for (Tensor &tensor : placed) {
    std::optional<uint64_t> bytes = bytesOf(tensor);
    if (!bytes || elementBytes(tensor.dtype) == 0)
      return invalid("tensor '" + tensor.name + "', expects a known dtype and a shape that fits memory");
    tensor.begin = at;
    tensor.end = at += *bytes;
  }
  std::string header = printHeader(placed);
  header.resize((header.size() + 7) / 8 * 8, ' ');
  std::vector<uint8_t> out(8 + header.size() + at);
  for (int i = 0; i != 8; ++i)
    out[i] = static_cast<uint8_t>(header.size() >> (8 * i));
  std::memcpy(out.data() + 8, header.data(), header.size());
  for (size_t i = 0; i != placed.size(); ++i)
    if (placed[i].end != placed[i].begin)
      std::memcpy(out.data() + 8 + header.size() + placed[i].begin, contents[i], placed[i].end - placed[i].begin);
  return out;
}

namespace {
struct Close {
  void operator()(std::FILE *file) const { std::fclose(file); }
};
} // namespace

static Error ioError(const std::string &path, const char *what) {
  return {Status::IoError, std::string(what) + " '" + path + "': " + std::strerror(errno)};
}

Result<File> read(const std::string &path) {
  std::unique_ptr<std::FILE, Close> file(std::fopen(path.c_str(), "rb"));
  struct stat facts;
  if (!file || fstat(fileno(file.get()), &facts) != 0)
    return ioError(path, "cannot read");
  if (!S_ISREG(facts.st_mode))
    return Error{Status::IoError, "cannot read '" + path + "': expects a regular file"};
  std::vector<uint8_t> bytes(static_cast<size_t>(facts.st_size));
  if (std::fread(bytes.data(), 1, bytes.size(), file.get()) != bytes.size())
    return ioError(path, "cannot read");
  return parse(bytes.data(), bytes.size());
}

Error write(const std::string &path, const std::vector<Tensor> &tensors, const std::vector<const void *> &contents) {
  Result<std::vector<uint8_t>> bytes = serialize(tensors, contents);
  if (!bytes)
    return bytes.error();
  std::FILE *file = std::fopen(path.c_str(), "wb");
  if (!file)
    return ioError(path, "cannot write");
  bool written = std::fwrite(bytes->data(), 1, bytes->size(), file) == bytes->size();
  if (std::fclose(file) != 0 || !written)
    return ioError(path, "cannot write");
  return {};
}

} // namespace attn::safetensors
