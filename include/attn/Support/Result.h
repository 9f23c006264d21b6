// A value or an error with a closed status code and a sentence. Used by the parts that do without LLVM
// (image format, cache, oracle, runtime) and mirrored by the codes of the C ABIs; MLIR parts use diagnostics.
#ifndef ATTN_SUPPORT_RESULT_H
#define ATTN_SUPPORT_RESULT_H

#include <optional>
#include <string>
#include <utility>

namespace attn {

/// The closed list of reasons for which a call can fail. The numbers are part of the C ABI and never change.
enum class Status : int {
  Ok = 0,
  InvalidArgument = 1, ///< null handle, wrong shape, dtype, stride or option
  InvalidSpec = 2,     ///< the spec text does not parse or verify
  Unsupported = 3,     ///< a legal spec that the chosen target refuses by name
  CompileFailed = 4,   ///< a pass or the assembler failed: a bug of ours
  InvalidImage = 5,    ///< the image is damaged or from another version
  NoDevice = 6,        ///< no GPU, or one of another architecture
  DriverTooOld = 7,    ///< the GPU driver cannot load this image
  DriverError = 8,     ///< any other error of the GPU driver
  OutOfMemory = 9,
  IoError = 10, ///< a file could not be read or written
};

struct Error {
  Status status = Status::Ok;
  std::string message;
};

/// Either a T or an Error. Test it like a pointer before use.
template <typename T>
class [[nodiscard]] Result {
public:
  Result(T value) : value_(std::move(value)) {}
  Result(Error error) : error_(std::move(error)) {}

  explicit operator bool() const { return value_.has_value(); }
  T &operator*() { return *value_; }
  const T &operator*() const { return *value_; }
  T *operator->() { return &*value_; }
  const T *operator->() const { return &*value_; }
  const Error &error() const { return error_; }

private:
  std::optional<T> value_;
  Error error_;
};

} // namespace attn

#endif // ATTN_SUPPORT_RESULT_H
