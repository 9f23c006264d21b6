// The JSON header of a safetensors file, as text: the reader's and the writer's half.
#ifndef ATTN_SUPPORT_SAFETENSORS_HEADER_H
#define ATTN_SUPPORT_SAFETENSORS_HEADER_H

#include "attn/Support/Safetensors.h"

namespace attn::safetensors {

/// An error of this format, with the place of the header at which it was found.
Error invalid(std::string sentence);

/// Reads the header's text. Checks syntax, dtypes and numbers, but neither offsets nor sizes against each other.
Result<std::vector<Tensor>> parseHeader(std::string_view text);

/// The header's text, without padding.
std::string printHeader(const std::vector<Tensor> &tensors);

} // namespace attn::safetensors

#endif // ATTN_SUPPORT_SAFETENSORS_HEADER_H
